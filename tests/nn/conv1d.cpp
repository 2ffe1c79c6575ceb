// Conv1d's configuration. Its numbers: tests/parity/conv1d.cpp.
#include "heed/nn/conv1d.h"

#include <cmath>

#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::test;

TEST_CASE("Conv1d pads by a number, by two, or by a rule", "[nn][conv1d]") {
  Generator generator(1);
  const auto length = [&](const nn::Conv1d::Config& config) {
    return nn::Conv1d(config, generator).forward(Variable(ones({1, config.in, 10}))).size(2);
  };
  CHECK(length({.in = 2, .out = 3, .kernel = 3}) == 8);
  CHECK(length({.in = 2, .out = 3, .kernel = 3, .padding = 2}) == 12);
  CHECK(length({.in = 2, .out = 3, .kernel = 3, .padding = Conv1dPadding(1, 0)}) == 9);
  for (const std::int64_t kernel : {1, 2, 3, 6})
    for (const std::int64_t dilation : {1, 2, 3})
      for (const nn::Conv1dPaddingRule rule : {nn::Conv1dPaddingRule::same, nn::Conv1dPaddingRule::causal})
        CHECK(length({.in = 2, .out = 2, .kernel = kernel, .padding = rule, .dilation = dilation}) == 10);
  CHECK(length({.in = 1, .out = 1, .kernel = 3, .stride = 2, .padding = nn::Conv1dPaddingRule::causal}) == 5);
}

TEST_CASE("Conv1d starts within 1/√(in/groups·kernel)", "[nn][conv1d]") {
  Generator generator(2);
  const nn::Conv1d layer({.in = 64, .out = 96, .kernel = 5, .groups = 4}, generator);
  CHECK(layer.weight.shape() == Shape{96, 16, 5});
  CHECK(layer.bias.shape() == Shape{96});
  CHECK(layer.reach() == 5);
  const double bound = 1 / std::sqrt(80.0);
  double largest = 0, squares = 0;
  for (const double number : to_array(layer.weight.value()).numbers) {
    largest = std::max(largest, std::abs(number));
    squares += number * number;
  }
  CHECK(largest <= bound);
  CHECK(largest > 0.999 * bound);
  CHECK(std::sqrt(squares / 7680) == Approx(bound / std::sqrt(3.0)).epsilon(0.03));  // a uniform distribution's
  for (const double number : to_array(layer.bias.value()).numbers) CHECK(std::abs(number) <= bound);
}

TEST_CASE("Conv1d's gradients are those of finite differences", "[nn][conv1d]") {
  Generator generator(3);
  Numbers numbers(75);
  const nn::Conv1d layer({.in = 4, .out = 6, .kernel = 3, .stride = 2, .padding = 1, .groups = 2, .dtype = DType::f64},
                         generator);
  CHECK(module_gradcheck(layer, {numbers.uniform({2, 4, 7})},
                         [](const nn::Conv1d& conv, std::span<const Variable> x) { return conv.forward(x[0]); }) == "");
}

TEST_CASE("Conv1d refuses sizes that do not fit", "[nn][conv1d]") {
  Generator generator(4);
  const auto message = [&](const nn::Conv1d::Config& config) {
    return refused<ShapeError>([&] { nn::Conv1d(config, generator); });
  };
  CHECK(message({.in = 2, .out = 3}) == "conv1d: kernel is 0, expected at least 1");
  CHECK(message({.in = 2, .out = 3, .kernel = 1, .groups = 2}) ==
        "conv1d: in 2 and out 3 are no multiples of 2 groups both");
  CHECK(message({.in = 2, .out = 3, .kernel = 1, .padding = -1}) == "conv1d: padding is -1 and -1, expected 0 or more");
  CHECK(refused<Error>([&] {
          nn::Conv1d({.in = 1, .out = 1, .kernel = 3, .stride = 2, .padding = nn::Conv1dPaddingRule::same}, generator);
        }) == "conv1d: padding that keeps the length needs stride 1, not 2");
}
