// Initial values: ranges, distributions, orthonormal columns, and that the seed alone decides.
#include "heed/nn/init.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heed/nn/attention/additive.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
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

TEST_CASE("orthogonal columns are orthonormal", "[nn][init]") {
  Generator generator(1);
  for (const Shape& shape : {Shape{1, 1}, {8, 8}, {100, 100}, {40, 7}, {3, 0}}) {
    CAPTURE(shape.str());
    const Tensor q = nn::orthogonal(generator, shape[0], shape[1], DType::f64);
    REQUIRE(q.shape() == shape);
    CHECK(q.is_contiguous());
    test::Array identity({shape[1], shape[1]});
    for (std::int64_t i = 0; i < shape[1]; ++i) identity[{i, i}] = 1;
    CHECK(test::difference(matmul(mT(q), q), identity, 20, 1) == "");  // 4e-15: one projection alone leaves 1e-13
  }
  CHECK_THROWS_AS(nn::orthogonal(generator, 2, 3, DType::f64), ShapeError);
}

TEST_CASE("orthogonal draws a new matrix each time, the same from the same seed", "[nn][init]") {
  Generator generator(1), again(1);
  const Tensor first = nn::orthogonal(generator, 6, 6, DType::f64),
               second = nn::orthogonal(generator, 6, 6, DType::f64);
  CHECK(!test::same_bits(first, second));
  CHECK(test::same_bits(first, nn::orthogonal(again, 6, 6, DType::f64)));
  Generator single(1);
  CHECK(test::same_bits(nn::orthogonal(single, 6, 6, DType::f32), test::to_tensor(test::to_array(first), DType::f32)));
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
  CHECK_THROWS_AS(nn::orthogonal(generator, 2, -1, DType::f32), ShapeError);
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
