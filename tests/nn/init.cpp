// Initial values: ranges, distributions, orthonormal columns, and that the seed alone decides.
#include "heed/nn/init.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heed/nn/attention/score/additive.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

namespace {

struct Spread {
  double low, high, mean, deviation;
};

Spread spread(const Tensor& x) {
  const std::vector<double> numbers = test::to_array(x).numbers;
  const auto count = static_cast<double>(numbers.size());
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  const double mean = std::accumulate(numbers.begin(), numbers.end(), 0.0) / count;
  double squares = 0;
  for (double number : numbers) squares += (number - mean) * (number - mean);
  return {*low, *high, mean, std::sqrt(squares / count)};
}

// Drawn from U(-bound, bound): inside it, nearly reaching it, flat enough.
bool is_uniform(const Tensor& x, double bound) {
  const Spread s = spread(x);
  return s.low >= -bound && s.high <= bound && s.low < -0.98 * bound && s.high > 0.98 * bound &&
         std::abs(s.mean) < 0.05 * bound && std::abs(s.deviation * std::sqrt(3.0) / bound - 1) < 0.05;
}

bool is_normal(const Tensor& x, double deviation) {
  const Spread s = spread(x);
  return std::abs(s.mean) < 0.05 * deviation && std::abs(s.deviation / deviation - 1) < 0.05 &&
         s.high > 2.5 * deviation && s.low < -2.5 * deviation;
}

}  // namespace

TEST_CASE("orthogonal matrices have orthonormal columns, or rows", "[nn][init]") {
  Generator generator(1);
  for (const Shape& shape : {Shape{1, 1}, {8, 8}, {100, 100}, {40, 7}, {7, 40}, {3, 0}, {0, 3}, {5, 2, 3}, {64, 3, 2}})
    for (const double gain : {1.0, -2.5}) {
      CAPTURE(shape.str(), gain);
      const Tensor drawn = nn::orthogonal(generator, shape, gain, DType::f64);
      REQUIRE(drawn.shape() == shape);
      CHECK(drawn.is_contiguous());
      const std::int64_t rows = shape[0], columns = nn::fans_of(shape).in, side = std::min(rows, columns);
      const Tensor q = reshape(drawn, {rows, columns});
      test::Array identity({side, side});
      for (std::int64_t i = 0; i < side; ++i) identity[{i, i}] = gain * gain;
      CHECK(test::difference(rows < columns ? matmul(q, mT(q)) : matmul(mT(q), q), identity, 40, gain * gain) == "");
    }
  const Tensor large = nn::orthogonal(generator, {300, 256}, 1, DType::f64);
  test::Array identity({256, 256});
  for (std::int64_t i = 0; i < 256; ++i) identity[{i, i}] = 1;
  CHECK(test::difference(matmul(mT(large), large), identity, 1e-12 / 2.3e-16, 1) == "");
  CHECK_THROWS_AS(nn::orthogonal(generator, {3}), ShapeError);
  CHECK_THROWS_AS(nn::orthogonal(generator, {3, 3}, HUGE_VAL), Error);
  CHECK_THROWS_AS(nn::orthogonal(generator, {3, 3}, 1, DType::i64), DTypeError);
}

TEST_CASE("orthogonal draws a new matrix each time, the same from the same seed", "[nn][init]") {
  Generator generator(1), again(1);
  const Tensor first = nn::orthogonal(generator, {6, 6}, 1, DType::f64),
               second = nn::orthogonal(generator, {6, 6}, 1, DType::f64);
  CHECK(!test::same_bits(first, second));
  CHECK(test::same_bits(first, nn::orthogonal(again, {6, 6}, 1, DType::f64)));
  Generator single(1);
  CHECK(test::same_bits(nn::orthogonal(single, {6, 6}), test::to_tensor(test::to_array(first), DType::f32)));
}

// Of every rotation and reflection as often: each element has mean 0 and mean square 1/n, and the determinant of a
// 2 x 2 matrix is as often 1 as -1. A Q whose R has any signs, LAPACK's, say, has a first element that is never
// positive.
TEST_CASE("orthogonal matrices are evenly distributed", "[nn][init]") {
  Generator generator(2);
  test::Array mean({3, 3}), square({3, 3});
  constexpr int draws = 4000;
  for (int draw = 0; draw < draws; ++draw) {
    const test::Array q = test::to_array(nn::orthogonal(generator, {3, 3}, 1, DType::f64));
    for (std::size_t i = 0; i < 9; ++i)
      mean.numbers[i] += q.numbers[i] / draws, square.numbers[i] += q.numbers[i] * q.numbers[i] / draws;
  }
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(std::abs(mean.numbers[i]) < 0.04);  // the mean of 4,000 has deviation 0.009
    CHECK(std::abs(square.numbers[i] - 1.0 / 3) < 0.025);
  }
  int positive = 0;
  for (int draw = 0; draw < 1000; ++draw) {
    const auto q = test::to_array(nn::orthogonal(generator, {2, 2}, 1, DType::f64)).numbers;
    positive += q[0] * q[3] - q[1] * q[2] > 0;
  }
  CHECK(std::abs(positive - 500) < 80);
}

TEST_CASE("fans and gains are PyTorch's", "[nn][init]") {
  CHECK(nn::fans_of({5, 3}).in == 3);
  CHECK(nn::fans_of({5, 3}).out == 5);
  CHECK(nn::fans_of({5, 3, 2, 4}).in == 24);
  CHECK(nn::fans_of({5, 3, 2, 4}).out == 40);
  CHECK(test::refused<ShapeError>([] { nn::fans_of({5}); }) ==
        "fans_of: [5] has no fans, expected a weight [out, in, ..]");
  using nn::Nonlinearity, nn::calculate_gain;
  CHECK(calculate_gain(Nonlinearity::linear) == 1);
  CHECK(calculate_gain(Nonlinearity::sigmoid) == 1);
  CHECK(calculate_gain(Nonlinearity::tanh) == 5.0 / 3);
  CHECK(calculate_gain(Nonlinearity::relu) == Approx(1.4142135623730951));
  CHECK(calculate_gain(Nonlinearity::leaky_relu) == Approx(1.4141428569978354));
  CHECK(calculate_gain(Nonlinearity::leaky_relu, 0.2) == Approx(1.3867504905630728));
  CHECK(calculate_gain(Nonlinearity::selu) == 0.75);
}

TEST_CASE("xavier and kaiming draw with the deviation of their fans", "[nn][init]") {
  Generator generator(3);
  const Shape shape{60, 30, 4};  // fans 120 and 240
  for (const DType dtype : {DType::f32, DType::f64}) {
    const double xavier = 1.5 * std::sqrt(2.0 / 360), in = std::sqrt(2.0 / 120), out = 5.0 / 3 / std::sqrt(240.0);
    const nn::Kaiming backward{.mode = nn::Fan::out, .nonlinearity = nn::Nonlinearity::tanh};
    CHECK(is_normal(nn::xavier_normal(generator, shape, 1.5, dtype), xavier));
    CHECK(is_uniform(nn::xavier_uniform(generator, shape, 1.5, dtype), std::sqrt(3.0) * xavier));
    CHECK(is_normal(nn::kaiming_normal(generator, shape, {}, dtype), in));
    CHECK(is_uniform(nn::kaiming_uniform(generator, shape, {}, dtype), std::sqrt(3.0) * in));
    CHECK(is_normal(nn::kaiming_normal(generator, shape, backward, dtype), out));
    CHECK(is_uniform(nn::kaiming_uniform(generator, shape, backward, dtype), std::sqrt(3.0) * out));
    CHECK(nn::xavier_normal(generator, {2, 0}, 1, dtype).numel() == 0);  // no division by 0
    CHECK(nn::kaiming_uniform(generator, {2, 0}, {}, dtype).numel() == 0);
  }
  Generator first(4), second(4);
  CHECK(test::same_bits(nn::xavier_uniform(first, shape), nn::xavier_uniform(second, shape)));
  CHECK(test::refused<ShapeError>([&] { nn::xavier_normal(generator, {4}); }) ==
        "xavier_normal: [4] has no fans, expected a weight [out, in, ..]");
  CHECK(test::refused<Error>([&] { nn::xavier_uniform(generator, {4, 4}, -1); }) == "xavier_uniform: gain is -1");
  CHECK_THROWS_AS(nn::kaiming_normal(generator, {4}), ShapeError);
  CHECK_THROWS_AS(nn::kaiming_uniform(generator, {4, 4}, {}, DType::i64), DTypeError);
}

TEST_CASE("an initialiser serves a parameter that is there", "[nn][init]") {
  Generator generator(5);
  const nn::Linear layer({.in = 6, .out = 4}, generator);
  Tensor weight = layer.weight.value();
  copy_from(weight, nn::orthogonal(generator, weight.shape()));
  test::Array identity({4, 4});
  for (std::int64_t i = 0; i < 4; ++i) identity[{i, i}] = 1;
  CHECK(test::difference(matmul(layer.weight.value(), mT(layer.weight.value())), identity, 8, 1) == "");
}

TEST_CASE("fan_in_uniform keeps its bound", "[nn][init]") {
  Generator generator(1);
  for (DType dtype : {DType::f32, DType::f64}) {
    const Tensor x = nn::fan_in_uniform(generator, {60, 100}, 100, dtype);
    CHECK(x.dtype() == dtype);
    CHECK(is_uniform(x, 0.1));
  }
  CHECK(is_uniform(nn::fan_in_uniform(generator, {6000}, 0, DType::f64), 1));  // nothing comes in: no division by 0
}

TEST_CASE("layers start from the distributions they document", "[nn][init]") {
  Generator generator(3);
  const nn::Linear linear({.in = 64, .out = 100}, generator);
  CHECK(is_uniform(linear.weight.value(), 1.0 / 8));
  const nn::Linear narrow({.in = 4, .out = 2000}, generator);
  CHECK(is_uniform(narrow.bias.value(), 0.5));
  CHECK(!nn::Linear({.in = 4, .out = 2, .bias = false}, generator).bias.defined());

  CHECK(is_normal(nn::Embedding({.num_embeddings = 100, .embedding_dim = 50}, generator).weight.value(), 1));

  const nn::GruCell cell({.input = 70, .hidden = 36}, generator);
  CHECK(is_uniform(cell.weight_ih.value(), 1.0 / 6));
  CHECK(is_uniform(cell.weight_hh.value(), 1.0 / 6));
  CHECK(std::abs(spread(cell.bias_ih.value()).high) <= 1.0 / 6);
  CHECK(!test::same_bits(cell.bias_ih.value(), cell.bias_hh.value()));

  const nn::AdditiveAttention attention({.query = 60, .key = 80, .hidden = 70}, generator);
  CHECK(is_normal(attention.score.query_weight.value(), 0.001));
  CHECK(is_normal(attention.score.key_weight.value(), 0.001));
  CHECK(spread(attention.score.v.value()).deviation == 0);
}

TEST_CASE("sizes and counts that make no layer are refused", "[nn][init]") {
  Generator generator(1);
  CHECK(test::refused<ShapeError>([&] { nn::Linear({}, generator); }) == "linear: in is 0, expected at least 1");
  CHECK(test::refused<ShapeError>([&] { nn::Linear({.in = 2, .out = -1}, generator); }) ==
        "linear: out is -1, expected at least 1");
  CHECK(test::refused<ShapeError>([&] { nn::Linear({.in = 2, .out = std::int64_t{1} << 60}, generator); }) ==
        "linear: out is 1152921504606846976, expected at most 72057594037927936");
  CHECK(test::refused<ShapeError>([&] { nn::Embedding({}, generator); }) ==
        "embedding: num_embeddings is 0, expected at least 1");
  CHECK(test::refused<ShapeError>([&] { nn::Embedding({.num_embeddings = 3}, generator); }) ==
        "embedding: embedding_dim is 0, expected at least 1");
  CHECK_THROWS_AS(nn::fan_in_uniform(generator, {2, 2}, -1, DType::f32), ShapeError);
  CHECK_THROWS_AS(nn::orthogonal(generator, {2, -1}), ShapeError);
}

TEST_CASE("layers name themselves where an operand is none", "[nn][init]") {
  Generator generator(1);
  const nn::Embedding embedding({.num_embeddings = 2, .embedding_dim = 3}, generator);
  const nn::Gru gru({.cell = {.input = 2, .hidden = 3}}, generator);
  const nn::AdditiveAttention attention({.query = 2, .key = 2, .hidden = 2}, generator);
  const Variable x(ones({1, 2, 2}));
  const auto message = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(test::refused<DTypeError>([&] { embedding.forward({}); }) == "embedding: ids is undefined");
  CHECK(message([&] { gru.forward({}); }) == "gru: x is undefined; expected [B, T, I]");
  CHECK(message([&] { nn::attend({}, nn::no_mask, x); }) == "attend: scores is undefined; expected [B, T, S]");
  CHECK(message([&] { nn::attend(x, nn::no_mask, {}); }) == "attend: values is undefined; expected [B, S, D]");
  CHECK(message([&] { attention.project_keys({}); }) == "attention: key is undefined; expected [B, S, K]");
  CHECK(message([&] { attention.forward({}, attention.project_keys({.key = x})); }) ==
        "attention: query is undefined; expected [B, T, Q]");
  CHECK(message([&] { attention.forward(x, {}); }) == "attention: memory.keys is undefined; expected [B, S, K]");
}
