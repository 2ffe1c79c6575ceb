// LayerNorm as a module: its parameters, options and refusals. Its numbers: tests/parity/norms.cpp.
#include "heed/nn/layer_norm.h"

#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("LayerNorm starts as ones and zeros, and draws nothing", "[nn][layer_norm]") {
  Generator generator(1);
  const nn::LayerNorm norm({.normalized_shape = {2, 3}, .dtype = DType::f64}, generator);
  CHECK(generator.counter() == 0);
  CHECK(test::same_bits(norm.weight.value(), ones({2, 3}, DType::f64)));
  CHECK(test::same_bits(norm.bias.value(), zeros({2, 3}, DType::f64)));
  const auto names = [](const nn::LayerNorm& module) {
    std::string result;
    for (const auto& [name, tensor] : nn::state_dict(module)) result += name + " ";
    return result;
  };
  CHECK(names(norm) == "bias weight ");
  CHECK(names(nn::LayerNorm({.normalized_shape = {4}, .bias = false}, generator)) == "weight ");
  CHECK(names(nn::LayerNorm({.normalized_shape = {4}, .elementwise_affine = false}, generator)) == "");
  CHECK(nn::count_parameters<nn::LayerNorm>({.normalized_shape = {2, 3}}) == 12);
}

TEST_CASE("a rule for weights leaves the gain of LayerNorm alone", "[nn][layer_norm]") {
  Generator generator(1);
  const auto rule = [](const nn::ParameterSpec& p, Generator&) {
    return p.kind == nn::ParameterKind::weight ? full(p.shape, 7, p.dtype) : Tensor();
  };
  const nn::LayerNorm norm({.normalized_shape = {3}}, nn::ParameterSource(generator).with(rule));
  CHECK(test::same_bits(norm.weight.value(), ones({3})));
}

TEST_CASE("gradients of LayerNorm reach its parameters", "[nn][layer_norm]") {
  Generator generator(1);
  test::Numbers numbers(5);
  nn::LayerNorm norm({.normalized_shape = {4}, .dtype = DType::f64}, generator);
  norm.weight.rebind(Variable(numbers.uniform({4}), true));
  CHECK(test::module_gradcheck(norm, {numbers.uniform({2, 3, 4})},
                               [](const auto& module, auto x) { return module.forward(x[0]); }) == "");
}

TEST_CASE("LayerNorm refuses sizes and settings that make no layer", "[nn][layer_norm]") {
  Generator generator(1);
  CHECK(test::refused<ShapeError>([&] { nn::LayerNorm({}, generator); }) == "layer_norm: normalized_shape has no axis");
  CHECK(test::refused<ShapeError>([&] { nn::LayerNorm({.normalized_shape = {2, 0}}, generator); }) ==
        "layer_norm: normalized_shape is 0, expected at least 1");
  CHECK(test::refused<Error>([&] { nn::LayerNorm({.normalized_shape = {2}, .epsilon = -1}, generator); }) ==
        "layer_norm: epsilon is -1, expected a finite number that is not negative");
}
