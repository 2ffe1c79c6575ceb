// Cross-entropy: what f32 could lose beside large logits, and what its gradient refuses. Its values and gradients:
// tests/op_cases_softmax.cpp.
#include "heed/autograd/fused/cross_entropy.h"

#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

namespace {

Tensor gradient(const Tensor& logits, const Tensor& targets, const Tensor& weights = {}) {
  const Variable x(logits, true);
  return gradients(cross_entropy(x, targets, weights), {x})[0];
}

}  // namespace

TEST_CASE("a number added to all logits changes neither loss nor gradient", "[autograd][cross_entropy]") {
  const Tensor targets = tensor({0, 2}, {2}, DType::i64);
  for (double offset : {1e6, -1e6, 0x1p22}) {
    const Tensor plain = tensor({0, 0, 1, 2, 0, -4}, {2, 3}),
                 moved = tensor({offset, offset, offset + 1, offset + 2, offset, offset - 4}, {2, 3});
    CHECK(cross_entropy(moved, targets).item() == Approx(cross_entropy(plain, targets).item()).epsilon(1e-6));
    const auto wanted = test::to_array(gradient(plain, targets)).numbers,
               got = test::to_array(gradient(moved, targets)).numbers;
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(got[i] == Approx(wanted[i]).margin(1e-7));
  }
}

TEST_CASE("a confident row keeps its small loss and gradient in f32", "[autograd][cross_entropy]") {
  const Tensor logits = tensor({30, 16}, {1, 2}), targets = zeros({1}, DType::i64);
  const double rest = std::exp(-14.0);  // log(1 + e^-14) and 1 - softmax are this, to seven digits
  CHECK(cross_entropy(logits, targets).item() == Approx(rest).epsilon(0.1));
  const auto dx = test::to_array(gradient(logits, targets)).numbers;
  CHECK(dx[0] == Approx(-rest).epsilon(0.1));
  CHECK(dx[1] == Approx(rest).epsilon(1e-4));
}

TEST_CASE("a gradient is refused that would read or write beyond", "[autograd][cross_entropy]") {
  const Variable logits(ones({2, 3}), true);
  for (double target : {3.0, -1.0}) {  // where a target was changed in place to stand outside the classes
    Tensor targets = zeros({2}, DType::i64);
    const Variable loss = cross_entropy(logits, targets);
    copy_from(targets, tensor({0, target}, {2}, DType::i64));
    CHECK_THROWS_AS(gradients(loss, {logits}), GradError);
    CHECK_THROWS_AS(recorded_gradients(loss, {logits}), GradError);
  }
  const Variable loss = cross_entropy(logits, zeros({2}, DType::i64));
  CHECK_THROWS_AS(gradients(loss, {logits}, ones({2})), ShapeError);
  CHECK(test::refused<ShapeError>([&] { cross_entropy(logits, zeros({1}, DType::i64)); }) ==
        "cross_entropy: logits [2, 3], targets [1], weights undefined: expected [N.., V], [N..], [N..]");
}

TEST_CASE("weights of any size have a loss and a gradient", "[autograd][cross_entropy]") {
  const Tensor x = tensor({0, 1, 2, 0.5}, {2, 2}, DType::f64), targets = tensor({0, 1}, {2}, DType::i64);
  const auto both = [&](double first, double second, DType dtype) {
    const Tensor logits = to(x, dtype), w = tensor({first, second}, {2}, dtype);
    std::vector<double> numbers = test::to_array(gradient(logits, targets, w)).numbers;
    numbers.push_back(cross_entropy(logits, targets, w).item());
    numbers.push_back(cross_entropy_definition(Variable(logits), targets, w).item());
    return numbers;
  };
  for (const auto& [a, b] : {std::pair{1.0, -1.0}, {1.0, 1.0}, {6.0, 1.0}}) {
    // By the smallest number, and by one with which Σ|w| is beyond the largest.
    for (const auto& [dtype, factors, precision] : {std::tuple{DType::f64, std::vector{5e-324, 0x1p1021}, 1e-14},
                                                    std::tuple{DType::f32, std::vector{0x1p-149, 0x1p125}, 1e-6}}) {
      const auto wanted = both(a, b, dtype);
      for (double factor : factors) {
        const auto got = both(a * factor, b * factor, dtype);
        INFO(a << ' ' << b << ' ' << factor);
        for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(got[i] == Approx(wanted[i]).epsilon(precision));
      }
    }
  }
}

TEST_CASE("a weight far below the largest still counts", "[autograd][cross_entropy]") {
  const Tensor x = zeros({2, 2}, DType::f64), targets = tensor({0, 7}, {2}, DType::i64);
  CHECK_THROWS_AS(cross_entropy(x, targets, tensor({1e300, 1e-300}, {2}, DType::f64)), IndexError);
}
