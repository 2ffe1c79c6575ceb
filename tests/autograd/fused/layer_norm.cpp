// Layer normalisation, and that by the root mean square: means far larger than the deviation, sums over many rows, what
// nobody asked for. Its values and gradients: tests/op_cases_fused.cpp.
#include "heed/autograd/fused/layer_norm.h"

#include <cmath>
#include <tuple>

#include "autograd/fused/check_constants.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "support/refused.h"
#include "support/thread_count.h"

using namespace heed;
using test::Numbers;
using test::to_array;

TEST_CASE("layer_norm gives nothing to constants", "[autograd][layer_norm]") {
  Numbers numbers(71);
  const auto run = [](const auto& v) { return layer_norm(v[0], {5}, v[1], v[2]); };
  test::check_constants({numbers.uniform({3, 5}), numbers.uniform({5}), numbers.uniform({5})}, run);
}

TEST_CASE("rms_norm gives nothing to constants", "[autograd][layer_norm]") {
  Numbers numbers(74);
  test::check_constants({numbers.uniform({3, 5}), numbers.uniform({5})},
                        [](const auto& v) { return rms_norm(v[0], {5}, v[1]); });
}

TEST_CASE("rms_norm of zeros is 0, and of large numbers as of small ones", "[autograd][layer_norm]") {
  const Variable nothing(zeros({2, 3}), true);
  const Variable y = rms_norm(nothing, {3});
  for (const double number : to_array(y.value()).numbers) CHECK(number == 0);
  for (const double slope : to_array(gradients(y, {nothing}, ones({2, 3}))[0]).numbers)
    CHECK(slope == Approx(1 / std::sqrt(0x1p-23)));
  Numbers numbers(75);
  const Tensor x = numbers.uniform({2, 3});
  CHECK(test::same_bits(rms_norm(x * 0x1p100, {3}, {}, 0).value(), rms_norm(x, {3}, {}, 0).value()));
}

TEST_CASE("rms_norm's weight has the same gradient for any number of threads", "[autograd][layer_norm]") {
  Numbers numbers(76);
  const Variable x(to(numbers.uniform({20'000, 3}), DType::f32), true), weight(ones({3}), true);
  const auto slopes = [&] { return gradients(rms_norm(x, {3}, weight), {x, weight}, full({20'000, 3}, 0.1)); };
  const auto one = slopes();
  for (int threads : {1, 2, 3}) {
    const test::ThreadCount count(threads);
    const auto again = slopes();
    for (std::size_t i = 0; i < 2; ++i) CHECK(test::same_bits(again[i], one[i]));
  }
}

TEST_CASE("rms_norm says what it was given", "[autograd][layer_norm]") {
  CHECK(test::refused<ShapeError>([] { rms_norm(ones({2, 3}), {2}, ones({2})); }) ==
        "rms_norm: x [2, 3], normalized_shape [2], weight [2]: expected x [.., normalized_shape], weight "
        "[normalized_shape]");
  CHECK(test::refused<Error>([] { rms_norm(ones({3}), {3}, {}, -1); }) ==
        "rms_norm: epsilon is -1, expected a finite number that is not negative");
}

TEST_CASE("a mean far larger than the deviation cancels no digits", "[autograd][layer_norm]") {
  // Every x is exact: what is missing in the result was lost by the operation. √(E x² - (E x)²) would lose all of it.
  for (const auto& [dtype, offset, precision] : {std::tuple{DType::f32, 0x1p20, 2e-6},
                                                 {DType::f32, -3e6, 2e-6},
                                                 {DType::f64, 0x1p48, 1e-14},
                                                 {DType::f64, -1e14, 1e-14}})
    for (const std::int64_t width : {3, 64, 700, 5000}) {
      CAPTURE(name(dtype), offset, width);
      Numbers numbers(72);
      test::Array near({2, width});
      for (double& number : near.numbers) number = static_cast<double>(numbers.uniform_int(9) - 4);
      test::Array moved = near;
      for (double& number : moved.numbers) number += offset;
      const Variable x(test::to_tensor(near, dtype), true), far(test::to_tensor(moved, dtype), true);
      const Tensor dy = to(numbers.uniform(x.shape()), dtype);
      const Variable y = layer_norm(x, {width}), z = layer_norm(far, {width});
      const double ulps = precision / (dtype == DType::f64 ? 0x1p-52 : 0x1p-23);
      CHECK(test::difference(z.value(), to_array(y.value()), ulps, 2) == "");
      CHECK(test::difference(gradients(z, {far}, dy)[0], to_array(gradients(y, {x}, dy)[0]), ulps, 2) == "");
    }
}

TEST_CASE("equal numbers are normalised to 0, one number too", "[autograd][layer_norm]") {
  for (const std::int64_t width : {1, 2, 5, 300})
    for (const double number : {0.0, 0.1, -1e30}) {
      const Variable x(full({2, width}, number, DType::f32), true), bias(full({width}, 0.5, DType::f32));
      const Variable y = layer_norm(x, {width}, {}, bias);
      for (double result : to_array(y.value()).numbers) CHECK(result == 0.5);
      for (double slope : to_array(gradients(y, {x}, ones({2, width}))[0]).numbers) CHECK(std::isfinite(slope));
    }
}

TEST_CASE("no rows and no width have gradients of zeros", "[autograd][layer_norm]") {
  const Variable x(zeros({0, 3}), true), weight(ones({3}), true), bias(zeros({3}), true);
  const auto slopes = gradients(layer_norm(x, {3}, weight, bias), {x, weight, bias}, zeros({0, 3}));
  CHECK(slopes[0].shape() == Shape{0, 3});
  for (std::size_t i : {1u, 2u}) CHECK(to_array(slopes[i]).numbers == std::vector<double>{0, 0, 0});
  CHECK(layer_norm(Variable(zeros({3, 0})), {0}).shape() == Shape{3, 0});
}

TEST_CASE("sums over many rows are as exact in f32 as a few, for any number of threads", "[autograd][layer_norm]") {
  const std::int64_t rows = 20'000, width = 3;
  Numbers numbers(73);
  const Tensor x = to(numbers.uniform({rows, width}), DType::f32);
  const auto slopes = [&](DType dtype) {
    const Variable in(to(x, dtype), true), weight(ones({width}, dtype), true), bias(zeros({width}, dtype), true);
    return gradients(layer_norm(in, {width}, weight, bias), {weight, bias, in}, full({rows, width}, 0.1, dtype));
  };
  const auto got = slopes(DType::f32), wanted = slopes(DType::f64);
  CHECK(test::difference(got[1], test::Array({width}, 0.1f * static_cast<double>(rows)), 16) == "");
  CHECK(test::difference(got[0], to_array(wanted[0]), 16, 0.1 * rows * 1e-2) == "");
  for (int threads : {1, 2, 3}) {
    const test::ThreadCount count(threads);
    const auto again = slopes(DType::f32);
    for (std::size_t i = 0; i < 3; ++i) CHECK(test::same_bits(again[i], got[i]));
  }
}

TEST_CASE("recorded gradients of layer_norm keep their digits far from 0 as well", "[autograd][layer_norm]") {
  const Tensor near = tensor({1, -2, 4, 0, 3, -1}, {2, 3});
  const auto slopes = [](const Tensor& numbers) {
    const Variable x(numbers, true), y = layer_norm(x, {3}), weights(tensor({1, 2, -1, 3, 0, 1}, {2, 3}));
    return recorded_gradients(sum(y * weights), {x})[0].value();
  };
  CHECK(test::difference(slopes(near + 1048576.0), to_array(slopes(near)), 64, 1) == "");
}

TEST_CASE("layer_norm says what it was given", "[autograd][layer_norm]") {
  CHECK(test::refused<ShapeError>([] { layer_norm(ones({2, 3}), {2}, ones({2})); }) ==
        "layer_norm: x [2, 3], normalized_shape [2], weight [2], bias undefined: expected x [.., normalized_shape], "
        "weight and bias [normalized_shape]");
  CHECK(test::refused<Error>([] { layer_norm(ones({3}), {3}, {}, {}, -1); }) ==
        "layer_norm: epsilon is -1, expected a finite number that is not negative");
}
