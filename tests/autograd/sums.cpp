// Gradients that rules add in place to the sums of their inputs: what it saves, and what it must leave alone.
#include "heed/autograd/sums.h"

#include <functional>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/fused/conv1d.h"
#include "heed/autograd/fused/gru.h"
#include "heed/autograd/fused/lstm.h"
#include "heed/autograd/fused/rnn.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/thread_count.h"

using namespace heed;
using namespace heed::test;

namespace {

// One use of x, whose gradient is as large as x itself.
struct Use {
  const char* name;
  Shape x;
  std::function<Variable(const Variable& x)> use;
};

Variable constant(const Shape& shape, unsigned seed = 7) { return Variable(Numbers(seed).uniform(shape)); }

std::vector<Use> uses() {
  const Tensor rows = tensor({3, 1, 3, -1}, {4}, DType::i64);
  const Variable in = constant({2, 64}), h = constant({2, 64});
  return {
      {"linear", {256, 64}, [=](auto& w) { return linear(in, w); }},
      {"matmul", {64, 256}, [=](auto& w) { return matmul(in, w); }},
      {"matmul of batches, left", {4, 64, 64}, [=](auto& a) { return matmul(a, constant({4, 64, 1})); }},
      {"matmul of batches, right", {4, 64, 64}, [=](auto& b) { return matmul(constant({4, 1, 64}), b); }},
      {"matmul of matrices, left", {256, 64}, [=](auto& a) { return matmul(a, constant({64, 2})); }},
      {"additive_score, keys",
       {4, 64, 64},
       [=](auto& k) { return additive_score(constant({4, 2, 64}), k, constant({64})); }},
      {"conv1d", {64, 64, 4}, [=](auto& w) { return conv1d(constant({1, 64, 5}), w); }},
      {"slice", {256, 64}, [](auto& x) { return slice(x, 1, 3, 60, 2); }},
      {"select", {64, 256}, [](auto& x) { return select(x, 0, 5); }},
      {"index_select", {256, 64}, [=](auto& x) { return index_select(x, 0, rows); }},
      {"gather", {256, 64}, [](auto& x) { return gather(x, 0, zeros({1, 64}, DType::i64)); }},
      {"rnn", {64, 64}, [=](auto& w) { return rnn(constant({2, 1, 64}), h, w, RnnActivation::tanh)[0]; }},
      {"lstm", {256, 64}, [=](auto& w) { return lstm(constant({2, 1, 256}), h, h, w)[0]; }},
      {"gru", {192, 64}, [=](auto& w) { return gru(constant({2, 1, 192}), h, w, no_bias, GruReset::after)[0]; }},
      {"gru, reset before",
       {192, 64},
       [=](auto& w) { return gru(constant({2, 1, 192}), h, w, no_bias, GruReset::before)[0]; }},
  };
}

// A loss whose gradient at y is no constant.
Variable loss(const Variable& y) { return sum(y * y * constant(y.shape(), 11)); }

Tensor gradient(const Variable& loss, const Variable& x) { return gradients(loss, {x})[0]; }

}  // namespace

TEST_CASE("a tensor used many times has one gradient in memory, and no whole one for each use", "[autograd][sums]") {
  for (const Use& use : uses()) {
    CAPTURE(use.name);
    const Variable x(Numbers(3).uniform(use.x), true);
    Variable total = loss(use.use(x));
    for (int t = 1; t < 20; ++t) total = total + loss(use.use(x));
    const std::size_t bytes = static_cast<std::size_t>(x.numel()) * sizeof(double);
    const std::size_t before = memory_stats().live_bytes;
    reset_peak_memory();
    backward(total);
    CHECK(memory_stats().peak_bytes - before < bytes * 3 / 2);
  }
}

TEST_CASE("the sum of the gradients of many uses is that of each use alone", "[autograd][sums]") {
  for (const Use& use : uses()) {
    CAPTURE(use.name);
    const Variable x(Numbers(3).uniform(use.x), true);
    Variable total;
    Tensor expected = zeros(use.x, DType::f64);
    const auto add = [&](const std::function<Variable()>& term) {
      const Variable once = term();
      expected = expected + gradient(once, x);
      const Variable again = term();
      total = total.defined() ? total + again : again;
    };
    const auto wide = [&](double factor) { return [&x, &use, factor] { return loss(use.use(x * factor)); }; };
    const auto direct = [&] { return loss(use.use(x)); };
    for (int t = 0; t < 3; ++t) add(direct);
    add(wide(2));
    add(direct);
    CHECK(difference(gradients(total, {x}, {}, {.retain_graph = true})[0], to_array(expected), 64, 1) == "");
    backward(total);
    CHECK(difference(x.grad(), to_array(expected), 64, 1) == "");
  }
}

TEST_CASE("a gradient that two inputs share does not grow in place", "[autograd][sums]") {
  for (const Use& use : uses())
    for (const bool addition_first : {false, true}) {
      CAPTURE(use.name, addition_first);
      const Variable x(Numbers(3).uniform(use.x), true), z(Numbers(4).uniform(use.x), true);
      const Variable weights = constant(use.x, 5);
      const auto added = [&] { return sum((x + z) * weights); };
      const Variable total = addition_first ? added() + loss(use.use(x)) : loss(use.use(x)) + added();
      const Tensor alone = gradient(loss(use.use(x)), x);
      backward(total);
      CHECK(same_bits(z.grad(), weights.value()));
      CHECK(difference(x.grad(), to_array(alone + weights.value()), 64, 1) == "");
    }
}

TEST_CASE("gradients in a loop are the same bits on every run and on any number of threads", "[autograd][sums]") {
  for (const Use& use : uses()) {
    CAPTURE(use.name);
    const Variable x(Numbers(3).uniform(use.x), true);
    const auto found = [&] {
      Variable total = loss(use.use(x));
      for (int t = 1; t < 9; ++t) total = total + loss(use.use(x * static_cast<double>(t)));
      return gradient(total, x);
    };
    const Tensor first = found();
    for (const int threads : {1, 2, 3}) {
      const ThreadCount count(threads);
      CHECK(same_bits(found(), first));
    }
  }
}

// The sum of an input that somebody else holds, or that lies by columns, gets the same bits as one that may grow.
TEST_CASE("a gradient's bits depend on nobody who shares it, and on no layout", "[autograd][sums]") {
  const auto f32 = [](const Tensor& x) { return to(x, DType::f32); };
  const Tensor rows = tensor({3, 3, 1, 3}, {4}, DType::i64);
  Numbers random(8);
  for (int trial = 0; trial < 10; ++trial) {
    const Variable x(f32(random.uniform({5, 7})), true), c(f32(random.uniform({5, 7}))), d(f32(random.uniform({4, 7})));
    const Tensor z = f32(random.uniform({5, 7}));
    const auto found = [&](const Variable& other) { return gradient(sum(index_select(x, 0, rows) * d) + other, x); };
    const Tensor frozen = found(sum((x + Variable(z)) * c));
    CHECK(same_bits(found(sum((x + Variable(z, true)) * c)), frozen));
    CHECK(same_bits(found(sum(mT(x) * mT(c))), frozen));
  }
}

// y = x; its rule adds dy to what is there and then fails.
struct AddsAndFails final : Rule<AddsAndFails> {
  static constexpr std::string_view op = "adds_and_fails";
  template <class V>
  Grads<V> vjp(const V& dy, const Sums<V>& sums) {
    sums.add(0, [&](auto& sum) { add_scaled(sum, dy); }, [&] { return dy; });
    throw Error("adds_and_fails");
  }
};

TEST_CASE("a rule that fails after it has added leaves no gradient behind", "[autograd][sums]") {
  const Variable x(tensor({1, 2}, {2}, DType::f64), true);
  backward(sum(x * x));
  const Variable total = sum(record<AddsAndFails>(x.value(), {x})) + sum(x * x);
  CHECK_THROWS_AS(backward(total), Error);
  CHECK(same_bits(x.grad(), tensor({2, 4}, {2}, DType::f64)));
}
