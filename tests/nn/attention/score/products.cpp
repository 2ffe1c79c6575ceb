// Scores that are products of query and key: what they equal, and what they refuse.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/concat.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/nn/bilinear.h"
#include "heed/tensor/create.h"
#include "nn/attention/score/score_values.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using test::far;
using test::make_score;
using test::scores_of;

namespace {

constexpr std::int64_t B = 2, T = 3, S = 4, Q = 3, K = 5;

Tensor identity(std::int64_t n) {
  Tensor eye = zeros({n, n}, DType::f64);
  for (std::int64_t i = 0; i < n; ++i) eye.mutable_data<double>()[i * n + i] = 1;
  return eye;
}

}  // namespace

TEST_CASE("the dot score is the product of query and key, its gradient the key", "[nn][attention]") {
  test::Numbers numbers(1);
  const Variable query(numbers.uniform({1, 1, K}), true), keys(numbers.uniform({1, S, K}), true);
  const Variable e = nn::DotScore::forward(query, keys);
  const test::Array q = test::to_array(query.value()), k = test::to_array(keys.value());
  for (std::int64_t s = 0; s < S; ++s) {
    double sum = 0;
    for (std::int64_t i = 0; i < K; ++i) sum += q[{0, 0, i}] * k[{0, s, i}];
    CHECK(std::abs(test::to_array(e.value())[{0, 0, s}] - sum) < 1e-14);
  }
  backward(select(select(e, 2, 1), 1, 0), ones({1}, DType::f64));
  CHECK(test::same_bits(query.grad(), slice(keys.value(), 1, 1, 2).contiguous()));
}

TEST_CASE("the scaled dot score is the dot score of queries over the root of their width", "[nn][attention]") {
  test::Numbers numbers(2);
  const Variable query(numbers.uniform({B, T, K})), keys(numbers.uniform({B, S, K}));
  CHECK(far(nn::ScaledDotScore::forward(query, keys).value(),
            nn::DotScore::forward(query / std::sqrt(5.0), keys).value()) == "");
  CHECK(nn::ScaledDotScore::forward(Variable(zeros({B, T, 0})), Variable(zeros({B, S, 0}))).shape() == Shape{B, T, S});
}

TEST_CASE("scaled scores keep the softmax as soft at any width, unscaled ones do not", "[nn][attention]") {
  // Standard normal queries and ten keys: the mean of the greatest weight, and of Σ p(1 - p), the trace of the
  // softmax's derivative.
  struct Softness {
    double greatest, trace;
  };
  const auto softness = [](const Tensor& scores) {
    const Tensor p = softmax(Variable(scores)).value();
    return Softness{mean(max(p, {2})).item(), mean(sum(p * (1.0 - p), {2})).item()};
  };
  struct Row {
    std::int64_t width;
    Softness unscaled, scaled;
    double margin;
  };
  Generator generator(1);
  for (const Row& row : {Row{8, {0.63, 0.50}, {0.32, 0.81}, 0.03}, Row{64, {0.87, 0.18}, {0.32, 0.81}, 0.03},
                         Row{512, {0.96, 0.06}, {0.33, 0.80}, 0.05}}) {
    const Variable query(normal(generator, {400, 1, row.width}, 0, 1, DType::f64)),
        keys(normal(generator, {400, 10, row.width}, 0, 1, DType::f64));
    const Softness raw = softness(nn::DotScore::forward(query, keys).value()),
                   scaled = softness(nn::ScaledDotScore::forward(query, keys).value());
    CHECK(std::abs(raw.greatest - row.unscaled.greatest) < row.margin);
    CHECK(std::abs(raw.trace - row.unscaled.trace) < row.margin);
    CHECK(std::abs(scaled.greatest - row.scaled.greatest) < row.margin);
    CHECK(std::abs(scaled.trace - row.scaled.trace) < row.margin);
  }
}

TEST_CASE("the general score is torch.nn.Bilinear with one output, and with W = I the dot score", "[nn][attention]") {
  auto score = make_score<nn::GeneralScore>({.query = Q, .key = K, .dtype = DType::f64});
  Generator generator(2);
  const nn::Bilinear bilinear({.in1 = Q, .in2 = K, .out = 1, .bias = false, .dtype = DType::f64}, generator);
  score.weight = nn::Parameter(reshape(bilinear.weight.value(), {Q, K}));
  test::Numbers numbers(3);
  const Variable query(numbers.uniform({B, T, Q}), true), keys(numbers.uniform({B, S, K}), true);
  const Tensor cotangent = numbers.uniform({B, T, S});
  const Variable e = scores_of(score, query, keys);
  backward(e, cotangent);
  const Tensor dq = query.grad(), dk = keys.grad();
  query.set_grad({}), keys.set_grad({});
  const Variable each_query = expand(unsqueeze(query, 2), {B, T, S, Q});
  const Variable each_key = expand(unsqueeze(keys, 1), {B, T, S, K});
  const Variable wanted = squeeze(bilinear.forward(each_query, each_key), 3);
  backward(wanted, cotangent);
  CHECK(far(e.value(), wanted.value()) == "");
  CHECK(far(dq, query.grad()) == "");
  CHECK(far(dk, keys.grad()) == "");
  CHECK(far(score.weight.grad(), reshape(bilinear.weight.grad(), {Q, K})) == "");

  auto square = make_score<nn::GeneralScore>({.query = K, .key = K, .dtype = DType::f64});
  square.weight = nn::Parameter(identity(K));
  const Variable wide(numbers.uniform({B, T, K}));
  CHECK(far(scores_of(square, wide, keys).value(), nn::DotScore::forward(wide, keys).value()) == "");
}

TEST_CASE("a general score of W_qᵀ W_k is the dot score of projected queries and keys", "[nn][attention]") {
  auto score = make_score<nn::GeneralScore>({.query = Q, .key = K, .dtype = DType::f64});
  test::Numbers numbers(4);
  const Variable of_q(numbers.uniform({2, Q})), of_k(numbers.uniform({2, K}));
  score.weight = nn::Parameter(matmul(mT(of_q), of_k).value());
  const Variable query(numbers.uniform({B, T, Q})), keys(numbers.uniform({B, S, K}));
  CHECK(far(scores_of(score, query, keys).value(),
            nn::DotScore::forward(linear(query, of_q), linear(keys, of_k)).value()) == "");
}

TEST_CASE("the concat score is the additive score with its weights side by side", "[nn][attention]") {
  constexpr std::int64_t A = 6;
  auto concat_score = make_score<nn::ConcatScore>({.query = Q, .key = K, .hidden = A, .dtype = DType::f64});
  auto additive = make_score<nn::AdditiveScore>({.query = Q, .key = K, .hidden = A, .dtype = DType::f64});
  const Tensor& weight = concat_score.weight.value();
  additive.query_weight = nn::Parameter(slice(weight, 1, 0, Q));
  additive.key_weight = nn::Parameter(slice(weight, 1, Q, to_end));
  additive.v = nn::Parameter(concat_score.v.value());
  test::Numbers numbers(5);
  const Variable query(numbers.uniform({B, T, Q}), true), keys(numbers.uniform({B, S, K}), true);
  const Tensor cotangent = numbers.uniform({B, T, S});
  const Variable e = scores_of(concat_score, query, keys);
  backward(e, cotangent);
  const Tensor dq = query.grad(), dk = keys.grad();
  query.set_grad({}), keys.set_grad({});
  const Variable wanted = scores_of(additive, query, keys);
  backward(wanted, cotangent);
  CHECK(far(e.value(), wanted.value()) == "");
  CHECK(far(dq, query.grad()) == "");
  CHECK(far(dk, keys.grad()) == "");
  CHECK(far(concat_score.v.grad(), additive.v.grad()) == "");
  CHECK(far(concat_score.weight.grad(), concat({additive.query_weight.grad(), additive.key_weight.grad()}, 1)) == "");
}

TEST_CASE("products refuse queries and keys that do not fit", "[nn][attention]") {
  const Variable query(zeros({B, T, Q})), keys(zeros({B, S, K}));
  const auto message = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(message([&] { nn::DotScore::forward(query, keys); }) ==
        "dot score: K differs: query axis -1 = 3, keys axis -1 = 5: query [2, 3, 3], keys [2, 4, 5]; expected "
        "[B, T, K], [B, S, K]");
  CHECK(message([&] { nn::ScaledDotScore::forward(query, keys); }).starts_with("scaled dot score: K differs"));
  const auto general = make_score<nn::GeneralScore>({.query = Q, .key = K});
  CHECK(message([&] { general.project_keys(query); }).starts_with("general score: K differs: keys axis -1 = 3"));
  CHECK(message([&] { general.forward(keys, query); }).starts_with("general score: Q differs: query axis -1 = 5"));
  const auto concat_score = make_score<nn::ConcatScore>({.query = Q, .key = K, .hidden = 2});
  CHECK(message([&] { concat_score.project_keys(query); }).starts_with("concat score: K differs"));
  CHECK(message([&] { concat_score.forward(keys, query); }).starts_with("concat score: Q differs"));
  CHECK(message([&] { make_score<nn::GeneralScore>({.query = Q}); }) == "general score: key is 0, expected at least 1");
  CHECK(message([&] { make_score<nn::ConcatScore>({.query = Q, .key = K}); }) ==
        "concat score: hidden is 0, expected at least 1");
}
