// Losses: what sums of rounded terms would lose, what a weight of 0 hides, gradients where a formula has kinks.
#include "heed/autograd/ops/losses.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::to_array;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

Tensor f64(std::initializer_list<double> numbers) {
  return tensor(numbers, {static_cast<std::int64_t>(numbers.size())}, DType::f64);
}

}  // namespace

TEST_CASE("a confident right answer keeps its small loss and gradient", "[autograd][losses]") {
  const Tensor x = tensor({40, -40, 1e4, -1e4, 40, -40}, {6}), target = tensor({1, 0, 1, 0, 0, 1}, {6});
  const Variable logits(x, true);
  const Variable loss = bce_with_logits(logits, target, Reduction::none);
  const auto numbers = to_array(loss.value()).numbers;
  for (std::size_t i : {0u, 1u}) CHECK(numbers[i] == Approx(std::exp(-40.0)).epsilon(1e-5));
  for (std::size_t i : {2u, 3u}) CHECK(numbers[i] == 0);
  for (std::size_t i : {4u, 5u}) CHECK(numbers[i] == 40);
  const auto slopes = to_array(gradients(loss, {logits}, ones({6}))[0]).numbers;
  CHECK(slopes[0] == Approx(-std::exp(-40.0)).epsilon(1e-5));
  CHECK(slopes[1] == Approx(std::exp(-40.0)).epsilon(1e-5));
  CHECK(slopes[2] == 0);
  CHECK(slopes[3] == 0);
  CHECK(slopes[4] == 1);
  CHECK(slopes[5] == -1);
}

TEST_CASE("bce_with_logits has slope 1/2 - target at 0, where its formula has kinks", "[autograd][losses]") {
  const Variable x(f64({0, -0.0, 0}), true);
  const Variable loss = bce_with_logits(x, f64({0, 1, 0.25}), Reduction::sum);
  CHECK(loss.item() == Approx(3 * std::log(2.0)));
  CHECK(to_array(gradients(loss, {x})[0]).numbers == std::vector<double>{0.5, -0.5, 0.25});
}

TEST_CASE("huber_loss bends at delta, and smooth_l1_loss is the same over beta", "[autograd][losses]") {
  const Variable x(f64({-3, -2, -1, 0, 1, 2, 3}), true), zero(zeros({7}, DType::f64));
  const Variable loss = huber_loss(x, zero, 2, Reduction::none);
  CHECK(to_array(loss.value()).numbers == std::vector<double>{4, 2, 0.5, 0, 0.5, 2, 4});
  CHECK(to_array(gradients(loss, {x}, ones({7}, DType::f64))[0]).numbers ==
        std::vector<double>{-2, -2, -1, 0, 1, 2, 2});
  CHECK(to_array(smooth_l1_loss(x, zero, 2, Reduction::none).value()).numbers ==
        std::vector<double>{2, 1, 0.25, 0, 0.25, 1, 2});
  CHECK(to_array(smooth_l1_loss(x, zero, 0, Reduction::none).value()).numbers ==
        to_array(l1_loss(x, zero, Reduction::none).value()).numbers);
  const double infinity = std::numeric_limits<double>::infinity();
  const Variable far(f64({infinity, -infinity, not_a_number}), true);
  const Variable far_loss = huber_loss(far, zeros({3}, DType::f64), 2, Reduction::none);
  CHECK(far_loss.value().data<double>()[0] == infinity);
  const auto slopes = to_array(gradients(far_loss, {far}, ones({3}, DType::f64))[0]).numbers;
  CHECK(slopes[0] == 2);
  CHECK(slopes[1] == -2);
  CHECK(std::isnan(slopes[2]));
  for (const double bad : {0.0, -1.0, not_a_number, infinity}) CHECK_THROWS_AS(huber_loss(x, zero, bad), Error);
  CHECK(test::refused<Error>([&] { huber_loss(x, zero, 0); }) ==
        "huber_loss: delta is 0, expected a finite positive number");
  CHECK(test::refused<Error>([&] { smooth_l1_loss(x, zero, -1); }) ==
        "smooth_l1_loss: beta is -1, expected a finite number that is not negative");
}

TEST_CASE("smooth_l1_loss bends at a beta as small as its dtype can hold", "[autograd][losses]") {
  const Tensor zero = zeros({3});
  for (const double beta : {1e-30, 1e-39, 1e-46, 1e-300}) {  // the last two are 0 as f32
    CAPTURE(beta);
    const Variable x(to(f64({-2, 0, 1e-20}), DType::f32), true);
    const Variable loss = smooth_l1_loss(x, zero, beta, Reduction::none);
    CHECK(test::same_bits(loss.value(), abs(x.value())));
    CHECK(to_array(gradients(loss, {x}, ones({3}))[0]).numbers == std::vector<double>{-1, 0, 1});
  }
  const Variable x(to(f64({-0.5e-30, 0.25e-30, 1}), DType::f32), true);
  const Variable loss = smooth_l1_loss(x, zero, 1e-30, Reduction::none);
  CHECK(to_array(loss.value()).numbers[0] == Approx(0.125e-30).epsilon(1e-6));
  CHECK(to_array(loss.value()).numbers[2] == 1);
  const auto slopes = to_array(gradients(loss, {x}, ones({3}))[0]).numbers;
  CHECK(slopes[0] == Approx(-0.5).epsilon(1e-6));
  CHECK(slopes[1] == Approx(0.25).epsilon(1e-6));
}

TEST_CASE("kl_div costs nothing where the target is impossible, and 0 between equals", "[autograd][losses]") {
  const double infinity = std::numeric_limits<double>::infinity();
  const Variable x(f64({std::log(0.25), -infinity, std::log(0.75)}), true), p(f64({0.25, 0, 0.75}));
  const Variable loss = kl_div(x, p, false, Reduction::sum);
  CHECK(loss.item() == Approx(0).margin(1e-15));
  CHECK(to_array(gradients(loss, {x})[0]).numbers == std::vector<double>{-0.25, 0, -0.75});
  const Variable logs(f64({std::log(0.25), -infinity, std::log(0.75)}), true);
  const Variable same = kl_div(x, logs, true, Reduction::sum);
  CHECK(same.item() == 0);
  const auto slopes = to_array(gradients(same, {logs})[0]).numbers;
  CHECK(slopes == std::vector<double>{0.25, 0, 0.75});
}

TEST_CASE("an element of weight 0 is not looked at", "[autograd][losses]") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto operation : {mse_loss, bce_with_logits, l1_loss})
    for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
      const Variable x(f64({1, not_a_number, 3, -infinity}), true), target(f64({0, 0, infinity, not_a_number}), true);
      const Variable loss = operation(x, target, reduction, f64({2, 0, 0, 0}));
      const Variable alone = operation(f64({1}), f64({0}), Reduction::sum, {});
      CHECK(to_array(loss.value()).numbers[0] == alone.item() * (reduction == Reduction::mean ? 1 : 2));
      for (const Tensor& gradient : gradients(loss, {x, target}, ones(loss.shape(), DType::f64))) {
        const auto numbers = to_array(gradient).numbers;
        CHECK(numbers[0] != 0);
        CHECK(std::vector<double>(numbers.begin() + 1, numbers.end()) == std::vector<double>{0, 0, 0});
      }
    }
}

TEST_CASE("a mean is over the weights, and 0 over nothing", "[autograd][losses]") {
  const Tensor x = f64({1, 2, 3, 4}), target = zeros({4}, DType::f64);
  CHECK(mse_loss(x, target).item() == 7.5);
  CHECK(mse_loss(x, target, Reduction::mean, f64({1, 0, 1, 0})).item() == 5);
  CHECK(mse_loss(x, target, Reduction::mean, f64({1, 0, -3, 0})).item() == -6.5);
  CHECK(mse_loss(x, target, Reduction::mean, f64({0.5})).item() == 7.5);  // one weight for four elements
  CHECK(mse_loss(x, target, Reduction::mean, zeros({4}, DType::f64)).item() == 0);
  CHECK(mse_loss(zeros({0}), zeros({0})).item() == 0);
  CHECK(mse_loss(x, target, Reduction::mean, f64({5e-324, 0, 5e-324, 0})).item() == 5);
  CHECK(mse_loss(x, target, Reduction::mean, f64({1.5e308, 0, 1.5e308, 0})).item() == 5);
}

TEST_CASE("losses say which shapes they were given", "[autograd][losses]") {
  CHECK(test::refused<ShapeError>([] { mse_loss(ones({2, 3}), ones({3})); }) ==
        "mse_loss: x [2, 3], target [3], weights undefined: expected one shape, to which weights broadcast");
  CHECK(test::refused<ShapeError>([] { bce_with_logits(ones({3}), ones({3}), Reduction::sum, ones({2, 3})); }) ==
        "bce_with_logits: x [3], target [3], weights [2, 3]: expected one shape, to which weights broadcast");
}
