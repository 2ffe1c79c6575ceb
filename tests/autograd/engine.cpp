// The engine: what is walked, what is added up where, and when saved tensors go. What it refuses: engine_errors.cpp.
#include "autograd/backward.h"
#include "autograd/elementwise.h"
#include "autograd/movement.h"
#include "autograd/reduce.h"
#include "support/catch.h"
#include "support/refused.h"
#include "tensor/create.h"
#include "tensor/mutate.h"

using namespace heed;
using heed::test::refused;

namespace {

Variable leaf(std::initializer_list<double> values) {
  return Variable(tensor(values, {static_cast<std::int64_t>(values.size())}, DType::f64), true);
}
double at(const Tensor& x, std::int64_t i) { return x.data<double>()[i]; }

// y = x, and counts how often its rule runs.
struct Probe final : Rule<Probe> {
  static constexpr std::string_view op = "probe";
  int* runs = nullptr;
  template <class V>
  Grads<V> vjp(const V& dy) {
    ++*runs;
    return {dy};
  }
};

Variable probe(const Variable& x, int& runs) {
  return record<Probe>(x.value(), {x}, [&](Probe& rule) { rule.runs = &runs; });
}

}  // namespace

TEST_CASE("each node runs once, however many paths lead to it", "[engine]") {
  const Variable x = leaf({3});
  int runs = 0;
  Variable y = x;
  for (int i = 0; i < 20; ++i) {
    const Variable middle = probe(y, runs);
    y = middle + middle;
  }
  backward(y);
  CHECK(runs == 20);
  CHECK(at(x.grad(), 0) == 1048576);  // 2^20 paths
}

TEST_CASE("a hundred thousand consumers of one leaf", "[engine]") {
  const Variable x = leaf({2});
  std::vector<Variable> parts;
  for (int i = 0; i < 100000; ++i) parts.push_back(x * 3.0);
  backward(sum(concat(parts, 0)));
  CHECK(at(x.grad(), 0) == 300000);
}

TEST_CASE("a leaf adds up over walks, and owns its gradient", "[engine]") {
  const Variable a = leaf({1, 2}), b = leaf({3, 4});
  const Tensor dy = tensor({10, 20}, {2}, DType::f64);
  backward(a + b, dy);  // the rule of addition hands the same tensor to both
  Tensor of_a = a.grad();
  fill(of_a, -1);
  CHECK(at(b.grad(), 0) == 10);
  CHECK(at(dy, 0) == 10);
  backward(a + b, dy);
  CHECK(at(b.grad(), 1) == 40);
  a.set_grad({});
  CHECK_FALSE(a.grad().defined());
  backward(sum(a * a));
  CHECK(at(a.grad(), 1) == 4);
}

TEST_CASE("saved tensors go as the walk passes, unless the graph is retained", "[engine]") {
  const Variable x = leaf({3});
  const Variable y = x * x;
  backward(y, {}, {.retain_graph = true});
  backward(y);
  CHECK(at(x.grad(), 0) == 12);
  const std::string message = refused<GradError>([&] { backward(y); });
  CHECK(message.find("mul") != std::string::npos);
  CHECK(at(x.grad(), 0) == 12);
}

TEST_CASE("gradients: at any variable, without touching a leaf, zeros where nothing leads", "[engine]") {
  const Variable x = leaf({2}), other = leaf({5});
  const Variable middle = x * x, y = middle * x;
  const std::vector<Tensor> g = gradients<Tensor>(y, {x, middle, other});
  CHECK(at(g[0], 0) == 12);
  CHECK(at(g[1], 0) == 2);
  CHECK(at(g[2], 0) == 0);
  CHECK_FALSE(x.grad().defined());
  // Stopping at the inputs leaves out what lies behind them: here the way from x through `middle`.
  const Variable again = middle * x;
  const std::vector<Tensor> partial = gradients<Tensor>(x * x * x, {x}, {}, {.stop_at_inputs = true});
  CHECK(at(partial[0], 0) == 12);
  const Variable behind = x * 3.0, result = behind * behind;
  int runs = 0;
  const Variable probed = probe(x, runs), end = probed * 2.0;
  gradients<Tensor>(end * end, {end}, {}, {.stop_at_inputs = true});
  CHECK(runs == 0);
  CHECK(at(gradients<Tensor>(result, {behind})[0], 0) == 12);
}

TEST_CASE("several results of one node, some of them unused", "[engine]") {
  const Variable x(tensor({1, 2, 3, 4, 5, 6}, {3, 2}, DType::f64), true);
  const std::vector<Variable> rows = unstack(x, 0);
  REQUIRE(rows.size() == 3);
  CHECK(rows[2].slot() == 2);
  backward(sum(rows[2] * rows[2] + rows[0]));
  CHECK(at(x.grad(), 0) == 1);
  CHECK(at(x.grad(), 2) == 0);
  CHECK(at(x.grad(), 5) == 12);
}
