// Sinusoidal and learned positions: the formula, far positions, caches, padding on the left.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/positions/learned.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::LearnedPositions;
using nn::SinusoidalPositions;

namespace {

constexpr std::int64_t B = 2, T = 5, D = 6;

test::Array by_formula(std::int64_t first, std::int64_t count, std::int64_t features) {
  test::Array table({count, features});
  for (const test::Index& i : test::indices(table.shape)) {
    const long double even = static_cast<long double>(i[1] - i[1] % 2) / static_cast<long double>(features);
    const long double angle = static_cast<long double>(first + i[0]) / std::pow(10000.0L, even);
    table[i] = static_cast<double>(i[1] % 2 == 0 ? std::sin(angle) : std::cos(angle));
  }
  return table;
}

Tensor table(std::int64_t first, std::int64_t count, std::int64_t features, DType dtype = DType::f64) {
  return SinusoidalPositions::table(arange(count) + first, features, dtype);
}

LearnedPositions learned(std::int64_t positions = 8) {
  Generator generator(1);
  return {{.positions = positions, .features = D, .dtype = DType::f64}, generator};
}

// Both layers, for what they have in common.
template <class Use>
void each_layer(const Use& use) {
  use(SinusoidalPositions());
  use(learned());
}

double ulps(double error) { return error / std::numeric_limits<double>::epsilon(); }

}  // namespace

TEST_CASE("sinusoidal positions are the formula, for an odd width too", "[nn][positions]") {
  for (const std::int64_t features : {1, 2, 5, 8, 33, 512}) {
    CAPTURE(features);
    CHECK(test::difference(table(0, 40, features), by_formula(0, 40, features), ulps(1e-13), 1) == "");
    CHECK(test::difference(table(-20, 20, features), by_formula(-20, 20, features), ulps(1e-13), 1) == "");
  }
  const test::Array begin = test::to_array(table(0, 2, 4));
  CHECK(begin.numbers[0] == 0);
  CHECK(begin.numbers[1] == 1);
  CHECK(begin.numbers[3] == 1);
  CHECK(std::abs(begin[{1, 0}] - 0.8414709848078965) < 1e-15);
  CHECK(std::abs(begin[{1, 2}] - 0.0099998333341667) < 1e-15);
}

TEST_CASE("sinusoidal positions are right at position 100,000 and beyond", "[nn][positions]") {
  for (const std::int64_t first : {100'000, 1'000'000}) {  // an angle in f32 is off by 0.004 and 0.03
    const test::Array wanted = by_formula(first, 3, 64);
    CHECK(test::difference(table(first, 3, 64), wanted, ulps(1e-14 * static_cast<double>(first)), 1) == "");
    CHECK(test::difference(table(first, 3, 64, DType::f32), wanted, 1, 1) == "");
  }
  const std::int64_t last = std::int64_t{1} << 31;
  CHECK(test::difference(table(last - 1, 2, 64), by_formula(last - 1, 2, 64), ulps(4e-6), 1) == "");
}

TEST_CASE("the sine of an offset is a rotation of the sines before it", "[nn][positions]") {  // what they are for
  const test::Array at = test::to_array(table(0, 50, 8));
  for (std::int64_t i = 0; i < 8; i += 2)
    for (std::int64_t p = 0; p < 40; ++p)
      CHECK(std::abs(at[{p + 7, i}] - (at[{p, i}] * at[{7, i + 1}] + at[{p, i + 1}] * at[{7, i}])) < 1e-13);
}

TEST_CASE("positions are added, and pass gradients on", "[nn][positions]") {
  test::Numbers numbers(1);
  const Variable x(numbers.uniform({B, T, D}), true);
  const Tensor dy = numbers.uniform({B, T, D});
  each_layer([&](const auto& layer) {
    x.set_grad({});
    const Variable y = layer.forward(x, 2);
    const Tensor zero = layer.forward(Variable(zeros({B, T, D}, DType::f64)), 2).value();
    CHECK(test::same_bits(y.value(), x.value() + zero));
    CHECK(test::same_bits(slice(zero, 0, 0, 1).contiguous(), slice(zero, 0, 1, 2).contiguous()));
    backward(y, dy);
    CHECK(test::same_bits(x.grad(), dy));
    const auto run = [](const auto& probe, std::span<const Variable> v) { return probe.forward(v[0], 2); };
    CHECK(test::module_gradcheck(layer, {x.value()}, run) == "");
  });
}

TEST_CASE("positions go on where a cache ends", "[nn][positions]") {  // traps: T10, position restarts at 0
  test::Numbers numbers(2);
  const Variable x(numbers.uniform({B, 8, D}));
  each_layer([&](const auto& layer) {
    const Tensor all = layer.forward(x).value();
    for (std::int64_t first = 0; first < 8; ++first)
      for (std::int64_t end = first; end <= 8; ++end)
        CHECK(test::same_bits(layer.forward(slice(x, 1, first, end), first).value(),
                              slice(all, 1, first, end).contiguous()));
  });
}

TEST_CASE("the first real token of a batch padded on the left has position 0", "[nn][positions]") {  // traps: T3
  test::Numbers numbers(3);
  const Variable x(numbers.uniform({2, 5, D}));  // prompts of 2 and 5
  const Tensor positions = tensor({0, 0, 0, 0, 1, 0, 1, 2, 3, 4}, {2, 5}, DType::i64);
  each_layer([&](const auto& layer) {
    const Tensor both = layer.forward(x, positions).value();
    CHECK(test::same_bits(slice(slice(both, 0, 0, 1), 1, 3, 5).contiguous(),
                          layer.forward(slice(slice(x, 0, 0, 1), 1, 3, 5)).value()));
    CHECK(test::same_bits(slice(both, 0, 1, 2).contiguous(), layer.forward(slice(x, 0, 1, 2)).value()));
  });
}

TEST_CASE("learned positions are rows of their weight, from N(0, 0.02²)", "[nn][positions]") {
  const LearnedPositions layer = learned();
  const Tensor zero = zeros({1, T, D}, DType::f64);
  CHECK(test::same_bits(layer.forward(Variable(zero), 3).value(),
                        unsqueeze(slice(layer.weight.value(), 0, 3, 8), 0).contiguous()));
  CHECK(nn::state_dict(layer).size() == 1);
  CHECK(nn::state_dict(layer).contains("weight"));
  const Tensor many = learned(5000).weight.value();
  CHECK(std::abs(mean(many).item()) < 0.001);
  CHECK(std::abs(mean(many * many).item() - 0.0004) < 0.00001);
}

TEST_CASE("positions that there are not", "[nn][positions]") {  // traps: T10
  const LearnedPositions layer = learned();
  const Variable x(zeros({1, 3, D}, DType::f64));
  CHECK(layer.forward(slice(x, 1, 0, 2), 6).shape() == Shape{1, 2, D});
  CHECK(test::refused<IndexError>([&] { layer.forward(x, 6); }) ==
        "learned positions: position 8 is outside the 8 that there are");
  CHECK(test::refused<IndexError>([&] { layer.forward(x, -1); }) ==
        "learned positions: position -1 is outside the 8 that there are");
  CHECK(test::refused<IndexError>([&] { SinusoidalPositions::forward(x, std::int64_t{1} << 31); }) ==
        "sinusoidal positions: position 2147483649 is outside -2^31 to 2^31");
  each_layer([&](const auto& some) {
    CHECK(test::refused<ShapeError>([&] {
            some.forward(x, arange(2));
          }).ends_with("positions: positions [2]; expected [T] or [B, T] with B = 1 and T = 3"));
    CHECK_THROWS_AS(some.forward(x, zeros({3})), DTypeError);
    CHECK_THROWS_AS(some.forward(select(x, 0, 0)), ShapeError);
    CHECK_THROWS_AS(some.forward(Variable(zeros({1, 3, D}, DType::i64))), DTypeError);
    CHECK(some.forward(Variable(zeros({0, 3, D}, DType::f64))).shape() == Shape{0, 3, D});
  });
  CHECK_THROWS_AS(layer.forward(Variable(zeros({1, 3, D + 1}, DType::f64))), ShapeError);
  CHECK_THROWS_AS(layer.forward(Variable(zeros({1, 3, D}))), DTypeError);
  CHECK_THROWS_AS(SinusoidalPositions::table(arange(3), 0), ShapeError);
  CHECK(test::refused<ShapeError>([] { LearnedPositions({.features = 2}, nn::ParameterSource::zeros()); }) ==
        "learned positions: positions is 0, expected at least 1");
}
