// The engine: every node once, every gradient where it belongs, nothing shared that is not meant to be.
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::test;

namespace {

Variable leaf(std::initializer_list<double> values) {
  return Variable(tensor(values, {static_cast<std::int64_t>(values.size())}, DType::f64), true);
}
Tensor row(std::initializer_list<double> values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())}, DType::f64);
}
std::vector<double> numbers(const Tensor& x) { return to_array(x).numbers; }
using List = std::vector<double>;

struct Both final : Rule<Both> {  // y = a + b, counting how often its gradient is asked for
  static constexpr std::string_view op = "both";
  int* runs = nullptr;
  template <class V>
  Grads<V> vjp(const V& dy) {
    ++*runs;
    return {dy, dy};
  }
};

Variable both(const Variable& a, const Variable& b, int& runs) {
  return record<Both>(a.value() + b.value(), {a, b}, [&](Both& rule) { rule.runs = &runs; });
}

}  // namespace

TEST_CASE("a diamond of 2^20 paths is visited once per node", "[engine]") {
  const Variable x = leaf({3});
  Variable y = x;
  int runs = 0;
  for (int level = 0; level < 20; ++level) y = both(y, y, runs);
  backward(y);
  CHECK(runs == 20);
  CHECK(x.grad().item() == 1 << 20);
}

TEST_CASE("100,000 consumers of one leaf add up", "[engine]") {
  const Variable x = leaf({2});
  backward(sum(concat(std::vector<Variable>(100000, x), 0)));
  CHECK(x.grad().item() == 1e5);
  std::vector<Variable> consumers;
  for (int i = 0; i < 100000; ++i) consumers.push_back(x * static_cast<double>(i % 10));
  backward(sum(concat(consumers, 0)));
  CHECK(x.grad().item() == 1e5 + 4.5e5);
}

TEST_CASE("100,000 separate leaves each get their own gradient", "[engine]") {
  std::vector<Variable> leaves, parts;
  for (int i = 0; i < 100000; ++i) {
    leaves.push_back(leaf({static_cast<double>(i % 7)}));
    parts.push_back(leaves.back() * leaves.back());
  }
  backward(sum(concat(parts, 0)));
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) wrong += leaves[i].grad().item() != 2 * static_cast<double>(i % 7);
  CHECK(wrong == 0);
}

TEST_CASE("two backward calls add up, and what was read in between stays", "[engine]") {
  const Variable x = leaf({1, 2});
  backward(x * 3.0, row({1, 10}));
  const Tensor first = x.grad();
  backward(x * 5.0, row({1, 1}));
  CHECK(numbers(first) == List{3, 30});
  CHECK(numbers(x.grad()) == List{8, 35});
  x.set_grad({});
  backward(x * 2.0, row({1, 1}));
  CHECK(numbers(x.grad()) == List{2, 2});
}

TEST_CASE("a leaf owns its gradient", "[engine]") {
  const Variable a = leaf({1, 2}), b = leaf({3, 4}), c = leaf({5, 6});
  Tensor dy = row({7, 8});
  const std::size_t before = fingerprint(dy);
  backward(a + b - (c + c + c), dy);  // addition hands one tensor to both sides
  CHECK(fingerprint(dy) == before);
  Tensor gradient = a.grad();
  fill(gradient, 0);
  fill(dy, 100);
  CHECK(numbers(a.grad()) == List{0, 0});
  CHECK(numbers(b.grad()) == List{7, 8});
  CHECK(numbers(c.grad()) == List{-21, -24});
}

TEST_CASE("the gradient of a leaf is dense even where it arrives expanded", "[engine]") {
  const Variable x(zeros({2, 3}, DType::f64), true);
  backward(sum(x));
  CHECK(x.grad().is_contiguous());
  Tensor gradient = x.grad();
  gradient.mutable_data<double>()[0] = 5;
  CHECK(numbers(x.grad()) == List{5, 1, 1, 1, 1, 1});
}

TEST_CASE("backward at a leaf gives a copy of dy", "[engine]") {
  const Variable x = leaf({1, 2});
  Tensor dy = row({3, 4});
  backward(x, dy);
  fill(dy, 0);
  CHECK(numbers(x.grad()) == List{3, 4});
}

TEST_CASE("a retained graph can be traversed again, another cannot", "[engine]") {
  const Variable x = leaf({2});
  const Variable y = sum(exp(x * x));
  const auto slope = [&] { return gradients(y, {x}, {}, {.retain_graph = true})[0].item(); };
  const double first = slope();
  CHECK(slope() == first);
  backward(y);
  CHECK(x.grad().item() == first);
  const std::string message = refused<GradError>([&] { backward(y); });
  CHECK(message.starts_with("exp:"));
  CHECK(message.find("retain the graph") != std::string::npos);
  CHECK(x.grad().item() == first);
  CHECK_THROWS_AS(recorded_gradients(y, {x}), GradError);
}

TEST_CASE("backward gives back the memory of saved tensors", "[engine]") {
  const Tensor factor = row({1, 2});
  const Variable x = leaf({1, 1});
  const Variable y = x * Variable(factor);
  backward(y, row({1, 1}), {.retain_graph = true});
  CHECK(!factor.storage().unique());
  backward(y, row({1, 1}));
  CHECK(factor.storage().unique());
}

TEST_CASE("gradients at intermediate results, without touching leaves", "[engine]") {
  const Variable x = leaf({2, -3}), unused = leaf({1, 1, 1});
  const Variable z = x * x, y = sum(z * z);
  const auto found = gradients(y, {z, x, unused, z, y});
  CHECK(numbers(found[0]) == List{8, 18});
  CHECK(numbers(found[1]) == List{32, -108});
  CHECK(numbers(found[2]) == List{0, 0, 0});
  CHECK(found[2].dtype() == DType::f64);
  CHECK(same_bits(found[3], found[0]));
  CHECK(found[4].item() == 1);
  CHECK(!x.grad().defined());
  CHECK(!unused.grad().defined());
}

TEST_CASE("a gradient taken on the way is not changed by what is added later", "[engine]") {
  const Variable x = leaf({1, 2});
  const Variable a = x * 1.0, b = x * 1.0;
  const auto found = gradients(a + b + x + x, {a, b, x}, row({1, 10}));
  CHECK(numbers(found[0]) == List{1, 10});
  CHECK(numbers(found[1]) == List{1, 10});
  CHECK(numbers(found[2]) == List{4, 40});
}

TEST_CASE("sums grow in place only where nobody else looks", "[engine]") {
  // The first two contributions to x are one tensor, which z's gradient is as well.
  const Variable x = leaf({1, 2});
  const Variable z = identity(x);
  const Tensor dy = row({1, 10});
  const std::size_t before = fingerprint(dy);
  const auto found = gradients(identity(z + x) + x * 3.0, {z, x}, dy);
  CHECK(numbers(found[0]) == List{1, 10});
  CHECK(numbers(found[1]) == List{5, 50});
  CHECK(fingerprint(dy) == before);
}

TEST_CASE("a traversal may stop at its inputs", "[engine]") {
  const Variable x = leaf({2});
  int behind = 0, before = 0;
  const Variable z = both(x, x, behind);
  const Variable y = both(z, z, before);
  CHECK(gradients(y, {z}, {}, {.stop_at_inputs = true})[0].item() == 2);
  CHECK(before == 1);
  CHECK(behind == 0);
  CHECK(gradients(y, {y}, {}, {.stop_at_inputs = true})[0].item() == 1);
  CHECK(before == 1);
}

TEST_CASE("gradients() runs and uses up only what lies between y and its inputs", "[engine]") {
  const Variable x = leaf({2}), w = leaf({5});
  int behind = 0, between = 0, beside = 0;
  const Variable z = exp(both(x, x, behind));
  const Variable side = both(w, w, beside);
  const Variable y = both(z * z, side, between);
  const double e4 = z.item();
  CHECK(gradients(y, {z})[0].item() == 2 * e4);
  CHECK(between == 1);
  CHECK(behind == 0);
  CHECK(beside == 0);
  CHECK_THROWS_AS(gradients(y, {z}), GradError);  // what was between is used up
  CHECK(gradients(z, {x})[0].item() == 2 * e4);   // what was behind is not
  CHECK(gradients(z, {w})[0].item() == 0);
  CHECK(gradients(side, {w, side})[0].item() == 2);
  const Variable again = both(x, x, behind);  // an input that stands behind another one
  const auto found = gradients(again * 3.0, {again, x});
  CHECK(found[0].item() == 3);
  CHECK(found[1].item() == 6);
}

TEST_CASE("results of one node keep their gradients apart", "[engine]") {
  const Variable x(tensor({1, 2, 3, 4, 5, 6}, {3, 2}, DType::f64), true);
  const std::vector<Variable> rows = unstack(x, 0);
  const Variable y = sum(rows[2] * 5.0) + sum(rows[0] * rows[0]);
  const auto found = gradients(y, {rows[0], rows[1], rows[2], x}, {}, {.retain_graph = true});
  CHECK(numbers(found[0]) == List{2, 4});
  CHECK(numbers(found[1]) == List{0, 0});
  CHECK(numbers(found[2]) == List{5, 5});
  CHECK(numbers(found[3]) == List{2, 4, 0, 0, 5, 5});
  CHECK(same_bits(recorded_gradients(y, {x})[0].value(), found[3]));
}
