// RmsNorm as a module: its parameter, options and refusals. Its numbers: tests/parity/norms.cpp.
#include "heed/nn/rms_norm.h"

#include <cmath>

#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("RmsNorm starts as ones, draws nothing and has no bias", "[nn][rms_norm]") {
  Generator generator(1);
  const nn::RmsNorm norm({.normalized_shape = {2, 3}, .dtype = DType::f64}, generator);
  CHECK(generator.counter() == 0);
  CHECK(nn::state_dict(norm).size() == 1);
  CHECK(test::same_bits(nn::state_dict(norm).at("weight"), ones({2, 3}, DType::f64)));
  CHECK(nn::state_dict(nn::RmsNorm({.normalized_shape = {4}, .elementwise_affine = false}, generator)).empty());
}

TEST_CASE("gradients of RmsNorm reach its weight", "[nn][rms_norm]") {
  Generator generator(1);
  test::Numbers numbers(5);
  nn::RmsNorm norm({.normalized_shape = {4}, .dtype = DType::f64}, generator);
  norm.weight.rebind(Variable(numbers.uniform({4}), true));
  CHECK(test::module_gradcheck(norm, {numbers.uniform({2, 3, 4})},
                               [](const auto& module, auto x) { return module.forward(x[0]); }) == "");
}

TEST_CASE("without an epsilon RmsNorm takes that of the input's dtype", "[nn][rms_norm]") {
  Generator generator(1);
  const nn::RmsNorm small({.normalized_shape = {1}}, generator),
      large({.normalized_shape = {1}, .dtype = DType::f64}, generator);
  // x² = 2^-46 beside an epsilon of 2^-23 leaves 2^-11.5; beside one of 2^-52 nearly all of it.
  CHECK(small.forward(full({1}, 0x1p-23)).item() == Approx(0x1p-23 / std::sqrt(0x1p-23 + 0x1p-46)));
  CHECK(large.forward(full({1}, 0x1p-23, DType::f64)).item() == Approx(1 / std::sqrt(1 + 0x1p-6)));
}

TEST_CASE("RmsNorm refuses sizes and settings that make no layer", "[nn][rms_norm]") {
  Generator generator(1);
  CHECK(test::refused<ShapeError>([&] { nn::RmsNorm({}, generator); }) == "rms_norm: normalized_shape has no axis");
  CHECK(test::refused<ShapeError>([&] { nn::RmsNorm({.normalized_shape = {2, 0}}, generator); }) ==
        "rms_norm: normalized_shape is 0, expected at least 1");
  CHECK(test::refused<Error>([&] { nn::RmsNorm({.normalized_shape = {2}, .epsilon = -1}, generator); }) ==
        "rms_norm: epsilon is -1, expected a finite number that is not negative");
}
