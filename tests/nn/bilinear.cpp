// Bilinear: its formula by plain loops, gradients, refusals. Its numbers beside PyTorch's: tests/parity/composed.cpp.
#include "heed/nn/bilinear.h"

#include <cmath>

#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("bilinear is x1·W·x2 + b for every output", "[nn][bilinear]") {
  Generator generator(1);
  test::Numbers numbers(6);
  const nn::Bilinear layer({.in1 = 3, .in2 = 5, .out = 4, .dtype = DType::f64}, generator);
  const Tensor x1 = numbers.uniform({2, 3, 3}), x2 = numbers.uniform({2, 3, 5});
  const test::Array a = test::to_array(x1), b = test::to_array(x2), w = test::to_array(layer.weight.value()),
                    bias = test::to_array(layer.bias.value());
  test::Array wanted({2, 3, 4});
  for (const test::Index& at : test::indices(wanted.shape)) {
    wanted[at] = bias[{at[2]}];
    for (std::int64_t i = 0; i < 3; ++i)
      for (std::int64_t j = 0; j < 5; ++j) wanted[at] += a[{at[0], at[1], i}] * w[{at[2], i, j}] * b[{at[0], at[1], j}];
  }
  CHECK(test::difference(layer.forward(x1, x2).value(), wanted, 16, 1) == "");
  for (const auto layout : test::all_layouts)
    CHECK(test::same_bits(layer.forward(test::laid_out(x1, layout), test::laid_out(x2, layout)).value(),
                          layer.forward(x1, x2).value()));
  CHECK(layer.forward(zeros({0, 3}, DType::f64), zeros({0, 5}, DType::f64)).shape() == Shape{0, 4});
}

TEST_CASE("a bilinear layer starts within 1/√in1", "[nn][bilinear]") {
  Generator generator(1);
  const nn::Bilinear layer({.in1 = 16, .in2 = 3, .out = 7}, generator);
  double largest = 0;
  for (const Variable& p : nn::parameters(layer))
    for (const double number : test::to_array(p.value()).numbers) largest = std::max(largest, std::abs(number));
  CHECK(largest <= 0.25);
  CHECK(largest > 0.24);
  CHECK(nn::count_parameters<nn::Bilinear>({.in1 = 16, .in2 = 3, .out = 7}) == 343);
  CHECK(nn::parameter_count(nn::Bilinear({.in1 = 2, .in2 = 3, .out = 4, .bias = false}, generator)) == 24);
}

TEST_CASE("gradients of a bilinear layer equal differences", "[nn][bilinear]") {
  Generator generator(1);
  test::Numbers numbers(7);
  const nn::Bilinear layer({.in1 = 3, .in2 = 2, .out = 4, .dtype = DType::f64}, generator);
  const std::vector<Tensor> inputs{numbers.uniform({2, 3}), numbers.uniform({2, 2})};
  CHECK(test::module_gradcheck(layer, inputs, [](const auto& module, auto x) { return module.forward(x[0], x[1]); }) ==
        "");
}

TEST_CASE("a bilinear layer says what does not fit", "[nn][bilinear]") {
  Generator generator(1);
  const nn::Bilinear layer({.in1 = 3, .in2 = 2, .out = 4}, generator);
  for (const auto& [a, b] : {std::pair{Shape{2, 3}, Shape{3, 2}},
                             {Shape{2, 2}, Shape{2, 2}},
                             {Shape{2, 3}, Shape{2, 3}},
                             {Shape{2, 3}, Shape{2}},
                             {Shape{}, Shape{2}}})
    CHECK(test::refused<ShapeError>([&] { layer.forward(zeros(a), zeros(b)); }) ==
          "bilinear: x1 " + a.str() + ", x2 " + b.str() + ": expected [.., 3] and [.., 2]");
  CHECK_THROWS_AS(layer.forward(zeros({2, 3}), zeros({2, 2}, DType::f64)), DTypeError);
  CHECK(test::refused<DTypeError>([&] { layer.forward({}, zeros({2})); }) == "bilinear: x1 is undefined");
  CHECK(test::refused<ShapeError>([&] { nn::Bilinear({.in1 = 3, .in2 = 0, .out = 4}, generator); }) ==
        "bilinear: in2 is 0, expected at least 1");
}
