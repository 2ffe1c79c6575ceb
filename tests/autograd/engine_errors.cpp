// What the engine refuses, and what is left standing when a traversal fails half-way.
#include <functional>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::test;

namespace {

Tensor f64(std::initializer_list<double> values, const Shape& shape) { return tensor(values, shape, DType::f64); }

// y = x, with a gradient made by a function: wrong in some way, or not at all.
struct Made final : Rule<Made> {
  static constexpr std::string_view op = "made";
  std::function<std::vector<Tensor>(const Tensor& dy)> gradients;
  template <class V>
  Grads<V> vjp(const V& dy) {
    Grads<V> result;
    if constexpr (std::is_same_v<V, Tensor>)
      for (Tensor& gradient : gradients(dy)) result.push_back(std::move(gradient));
    return result;
  }
};

Variable made(const Variable& x, std::function<std::vector<Tensor>(const Tensor& dy)> gradients) {
  return record<Made>(x.value(), {x}, [&](Made& rule) { rule.gradients = std::move(gradients); });
}

}  // namespace

TEST_CASE("backward refuses what cannot be differentiated", "[engine]") {
  const Variable x(f64({1, 2}, {2}), true), constant(f64({1, 2}, {2}));
  const Variable y = x * 2.0;
  CHECK(refused<GradError>([&] { backward(sum(constant)); }).starts_with("backward:"));
  CHECK(refused<GradError>([&] { backward(Variable()); }).starts_with("backward:"));
  CHECK(refused<GradError>([&] { backward(y); }).find("[2]") != std::string::npos);
  CHECK(refused<ShapeError>([&] { backward(y, f64({1}, {1})); }).starts_with("backward:"));
  CHECK(refused<ShapeError>([&] { backward(y, f64({1, 1}, {1, 2})); }).starts_with("backward:"));
  CHECK(refused<DTypeError>([&] { backward(y, ones({2})); }).starts_with("backward:"));
  CHECK(refused<GradError>([&] { gradients(sum(y), {x, constant}); }).find("input 1") != std::string::npos);
  CHECK(refused<GradError>([&] { gradients(sum(constant), {x}); }).starts_with("gradients:"));
  CHECK(refused<ShapeError>([&] { gradients(y, {x}, f64({1}, {})); }).starts_with("gradients:"));
  CHECK(!x.grad().defined());
  backward(y, f64({1, 1}, {2}));  // nothing of this has spoilt the graph
  CHECK(to_array(x.grad()).numbers == std::vector<double>{2, 2});
}

TEST_CASE("recorded gradients need recording to be on", "[engine]") {
  const Variable x(f64({1}, {1}), true);
  const Variable y = x * x;
  NoGrad quiet;
  CHECK(refused<GradError>([&] { recorded_gradients(y, {x}); }).find("NoGrad") != std::string::npos);
  CHECK(gradients(y, {x})[0].item() == 2);
}

TEST_CASE("a rule that returns something unfitting is a GradError that names it", "[engine]") {
  const auto is_refused = [](std::function<std::vector<Tensor>(const Tensor& dy)> gradients) {
    const Variable x(f64({1, 2}, {2}), true), beside(f64({1, 2}, {2}), true);
    const Variable y = made(x, std::move(gradients)) + beside;
    const std::string message = refused<GradError>([&] { backward(y, f64({1, 1}, {2})); });
    CHECK(!x.grad().defined());
    CHECK(!beside.grad().defined());
    CHECK(!y.node()->is_entered());
    return message.starts_with("made:");
  };
  CHECK(is_refused([](const Tensor&) { return std::vector{f64({1}, {1})}; }));
  CHECK(is_refused([](const Tensor&) { return std::vector{f64({1, 1}, {1, 2})}; }));
  CHECK(is_refused([](const Tensor&) { return std::vector{ones({2})}; }));
  CHECK(is_refused([](const Tensor&) { return std::vector{arange(2)}; }));
  CHECK(is_refused([](const Tensor&) { return std::vector<Tensor>{}; }));
  CHECK(is_refused([](const Tensor& dy) { return std::vector{dy, dy}; }));
}

TEST_CASE("a rule may return no gradient for an input", "[engine]") {
  const Variable x(f64({1, 2}, {2}), true);
  const Variable y = made(x, [](const Tensor&) { return std::vector{Tensor()}; });
  backward(y, f64({1, 1}, {2}));
  CHECK(!x.grad().defined());
  CHECK(to_array(gradients(y, {x}, f64({1, 1}, {2}))[0]).numbers == std::vector<double>{0, 0});
}

TEST_CASE("an exception in a rule changes no gradient, and a retained graph can be traversed again", "[engine]") {
  const Variable x(f64({3}, {1}), true), beside(f64({4}, {1}), true);
  int failures = 2;
  const Variable inner = made(x * x, [&](const Tensor& dy) {
    if (failures-- > 0) throw std::runtime_error("no");
    return std::vector{dy};
  });
  const Variable y = inner * beside;
  const auto walk = [&] { backward(y, {}, {.retain_graph = true}); };
  CHECK_THROWS_AS(walk(), std::runtime_error);
  CHECK_THROWS_AS(walk(), std::runtime_error);
  CHECK(!x.grad().defined());
  CHECK(!beside.grad().defined());
  walk();
  CHECK(x.grad().item() == 24);
  CHECK(beside.grad().item() == 9);
}

TEST_CASE("after a failure without retaining, the released part is refused", "[engine]") {
  const Variable x(f64({3}, {1}), true);
  bool fails = true;
  const Variable inner = made(x, [&](const Tensor& dy) {
    if (std::exchange(fails, false)) throw std::runtime_error("no");
    return std::vector{dy};
  });
  const Variable y = inner * inner;
  CHECK_THROWS_AS(backward(y), std::runtime_error);
  CHECK(refused<GradError>([&] { backward(y); }).starts_with("mul:"));
  CHECK(!x.grad().defined());
}
