// Aligns, each against its formula.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/align/diagonal.h"
#include "heed/nn/attention/align/linear_attention.h"
#include "heed/nn/attention/align/local.h"
#include "heed/nn/attention/align/sum_normalised.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/elu_dot.h"
#include "heed/nn/attention/score/uniform.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;

namespace {

std::string far(const Tensor& got, const Tensor& wanted, double tolerance = 1e-12) {
  return test::difference(got, test::to_array(wanted), tolerance / std::numeric_limits<double>::epsilon(), 1);
}

Tensor f64(std::initializer_list<double> numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }

Tensor mask_of(std::initializer_list<double> numbers, const Shape& shape) {
  return tensor(numbers, shape, DType::boolean);
}

// A dot score that counts how many it computes.
struct CountingScore {
  struct Config {};
  CountingScore(const Config&, const nn::ParameterSource&) {}
  static Variable project_keys(const Variable& keys) { return keys; }
  static Variable forward(const Variable& query, const Variable& keys) {
    scores += query.size(1) * keys.size(1);
    return nn::DotScore::forward(query, keys);
  }
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
  static inline std::int64_t scores = 0;
};

nn::LocalPredictiveAlign predictive(std::int64_t window, double deviation = 0) {
  Generator generator(1);
  return nn::LocalPredictiveAlign(
      {.query = 2, .hidden = 3, .window = window, .deviation = deviation, .dtype = DType::f64}, generator);
}

}  // namespace

TEST_CASE("sum normalisation of exp is softmax, of what is negative an error", "[nn][attention]") {
  test::Numbers numbers(1);
  const Variable e(numbers.uniform({2, 3, 4}));
  for (const Tensor& mask : {Tensor(), numbers.mask({2, 1, 4}), numbers.mask({2, 3, 4})})
    CHECK(far(nn::SumNormalisedAlign::forward(exp(e), mask).value(), softmax(e.value(), mask)) == "");

  const Variable f(f64({1, 3, -2, 0, 0, 0}, {1, 2, 3}), true);
  CHECK(test::refused<Error>([&] { nn::SumNormalisedAlign::forward(f, {}); }) ==
        "sum_normalised: a score is -2; scores that are divided by their sum must not be negative");
  const Variable a = nn::SumNormalisedAlign::forward(f, mask_of({1, 1, 0}, {1, 1, 3}));
  CHECK(far(a.value(), f64({0.25, 0.75, 0, 0, 0, 0}, {1, 2, 3})) == "");
  const Variable none = nn::SumNormalisedAlign::forward(f, mask_of({0, 0, 0}, {1, 1, 3}));
  backward(none, ones({1, 2, 3}, DType::f64));
  CHECK(far(none.value(), zeros({1, 2, 3}, DType::f64)) == "");
  CHECK(far(f.grad(), zeros({1, 2, 3}, DType::f64)) == "");
  CHECK(nn::SumNormalisedAlign::forward(Variable(zeros({1, 2, 0})), {}).shape() == Shape{1, 2, 0});
}

TEST_CASE("linear attention is the sum-normalised attention of its score, causal too", "[nn][attention]") {
  Generator generator(1);
  const nn::Attention<nn::EluDotScore, nn::SumNormalisedAlign> quadratic({}, generator);
  test::Numbers numbers(2);
  const Variable query(numbers.uniform({2, 4, 3})), key(numbers.uniform({2, 4, 3})), value(numbers.uniform({2, 4, 5}));
  const Tensor padding = mask_of({1, 1, 1, 0, 0, 0, 0, 0}, {2, 1, 4});
  for (const Tensor& mask : {Tensor(), padding}) {
    const auto table = [&](const Tensor& m) {
      return quadratic.forward({.query = query, .key = key, .value = value, .mask = m}).context.value();
    };
    CHECK(far(nn::linear_attention(query, key, value, mask).value(), table(mask)) == "");
    CHECK(far(nn::causal_linear_attention(query, key, value, mask).value(),
              table(nn::all_masks({mask, nn::causal_mask(4, 4)}))) == "");
  }
  nn::LinearAttentionState state;
  const Tensor causal = nn::causal_linear_attention(query, key, value).value();
  for (std::int64_t t = 0; t < 4; ++t) {
    const auto at = [&](const Variable& x) { return slice(x, 1, t, t + 1); };
    CHECK(far(nn::linear_attention_step(at(query), at(key), at(value), state).value(), slice(causal, 1, t, t + 1)) ==
          "");
  }
  CHECK(state.values.shape() == Shape{2, 3, 5});
  for (const Tensor& mask : {Tensor(), padding}) {
    const auto both = [&](const std::vector<Variable>& x) {
      return concat({nn::linear_attention(x[0], x[1], x[2], mask), nn::causal_linear_attention(x[0], x[1], x[2], mask)},
                    1);
    };
    CHECK(gradcheck(both, {query.value(), key.value(), value.value()}) == "");
  }
  CHECK(far(nn::elu_features(Variable(f64({-40, 0, 2}, {3}))).value(), f64({std::exp(-40.0), 1, 3}, {3})) == "");
}

TEST_CASE("local-m attends to the window around the query's position", "[nn][attention]") {
  test::Numbers numbers(3);
  const Variable scores(numbers.uniform({2, 5, 5}), true), values(numbers.uniform({2, 5, 2}));
  const nn::AttentionOutput narrow = nn::attend(scores, {}, values, nn::LocalMonotonicAlign(1));
  const Tensor band = nn::window_mask(5, 5, 1, 1, 0);
  CHECK(test::same_bits(narrow.weights.value(), softmax(scores.value(), band)));
  backward(narrow.context, numbers.uniform({2, 5, 2}));
  CHECK(max(abs(where(expand(band, {2, 5, 5}), 0, scores.grad()))).item() == 0);  // keys outside learn nothing
  const nn::AttentionOutput wide = nn::attend(scores, {}, values, nn::LocalMonotonicAlign(5));
  CHECK(test::same_bits(wide.weights.value(), softmax(scores.value())));  // D >= S: global

  // a query alone, at its position; clipped to the sentence, not to the padding
  const Variable third(slice(scores.value(), 1, 3, 4));
  const Tensor four = nn::length_mask(std::vector<std::int64_t>{4, 4}, 5);
  const nn::AttentionOutput one = nn::attend(third, four, values, nn::LocalMonotonicAlign(1), {.first_query = 3});
  CHECK(test::same_bits(one.weights.value(), softmax(third.value(), mask_of({0, 0, 1, 1, 0}, {1, 1, 5}))));
  CHECK_THROWS_AS(nn::LocalMonotonicAlign(-1), Error);
}

TEST_CASE("a query alone has 2D + 1 scores with local-m, not S", "[nn][attention]") {
  using Local = nn::Attention<CountingScore, nn::LocalMonotonicAlign>;
  const Local local({}, nn::ParameterSource::zeros(), nn::LocalMonotonicAlign(2));
  test::Numbers numbers(8);
  const Variable query(numbers.uniform({2, 20, 3})), key(numbers.uniform({2, 20, 3}));
  const Variable value(numbers.uniform({2, 20, 4}));
  for (const Tensor& mask : {Tensor(), nn::length_mask(std::vector<std::int64_t>{20, 7}, 20)}) {
    const nn::AttentionMemory memory = local.project_keys({.key = key, .value = value, .mask = mask});
    const nn::AttentionOutput together = local.forward(query, memory);
    for (std::int64_t t = 0; t < 20; ++t) {
      CountingScore::scores = 0;
      const nn::AttentionOutput one = local.forward(slice(query, 1, t, t + 1), memory, {.first_query = t});
      CHECK(CountingScore::scores == std::min<std::int64_t>(t + 2, 19) - std::max<std::int64_t>(t - 2, 0) + 1);
      CHECK(far(one.weights.value(), slice(together.weights.value(), 1, t, t + 1)) == "");
      CHECK(far(one.context.value(), slice(together.context.value(), 1, t, t + 1)) == "");
    }
    const nn::AttentionOutput beyond = local.forward(slice(query, 1, 0, 1), memory, {.first_query = 30});
    CHECK(test::same_bits(beyond.weights.value(), zeros({2, 1, 20}, DType::f64)));
    CHECK(test::same_bits(beyond.context.value(), zeros({2, 1, 4}, DType::f64)));
  }
  const auto run = [&](const std::vector<Variable>& x) {
    const nn::AttentionOutput found =
        local.forward(x[0], local.project_keys({.key = x[1], .value = x[2]}), {.first_query = 4});
    return concat({reshape(found.context, {-1}), reshape(found.weights, {-1})}, 0);
  };
  CHECK(gradcheck(run, {numbers.uniform({2, 1, 3}), numbers.uniform({2, 9, 3}), numbers.uniform({2, 9, 2})}) == "");
  // what stands outside the window is not looked at
  Tensor garbage = key.value().clone(), far_away = slice(garbage, 1, 7, to_end);
  fill(far_away, std::numeric_limits<double>::quiet_NaN());
  const auto at_four = [&](const Variable& k) {
    return local.forward(slice(query, 1, 4, 5), local.project_keys({.key = k, .value = value}), {.first_query = 4});
  };
  CHECK(test::same_bits(at_four(Variable(garbage)).context.value(), at_four(key).context.value()));
}

TEST_CASE("local-p weighs its window by a Gaussian around the predicted position", "[nn][attention]") {
  test::Numbers numbers(4);
  nn::LocalPredictiveAlign align = predictive(2);
  const Variable query(numbers.uniform({2, 3, 2}));
  const Variable scores(numbers.uniform({2, 3, 9})), values(numbers.uniform({2, 9, 2}));
  const std::vector<std::int64_t> lengths{9, 6};
  const Tensor mask = nn::length_mask(lengths, 9);
  const nn::AttentionOutput found = nn::attend(scores, mask, values, align, {.query = query});

  const test::Array q = test::to_array(query.value()), w = test::to_array(align.weight.value()),
                    v = test::to_array(align.v.value()), e = test::to_array(scores.value());
  test::Array wanted({2, 3, 9});
  for (const test::Index& at : test::indices({2, 3})) {
    double sum = 0, total = 0;
    for (std::int64_t a = 0; a < 3; ++a) {
      double hidden = 0;
      for (std::int64_t i = 0; i < 2; ++i) hidden += w[{a, i}] * q[{at[0], at[1], i}];
      sum += v[{a}] * std::tanh(hidden);
    }
    const auto length = lengths[to_size(at[0])];
    const double p = static_cast<double>(length) / (1 + std::exp(-sum));
    const auto centre = static_cast<std::int64_t>(std::floor(p));
    const std::int64_t begin = std::max<std::int64_t>(0, centre - 2), end = std::min(length, centre + 3);
    for (std::int64_t s = begin; s < end; ++s) total += std::exp(e[{at[0], at[1], s}]);
    for (std::int64_t s = begin; s < end; ++s) {
      const double distance = static_cast<double>(s) - p;
      wanted[{at[0], at[1], s}] = std::exp(e[{at[0], at[1], s}]) / total * std::exp(-distance * distance / 2);  // σ = 1
    }
  }
  CHECK(far(found.weights.value(), test::to_tensor(wanted, DType::f64)) == "");
  for (double sum : test::to_array(sum(found.weights.value(), 2)).numbers) CHECK((sum > 0 && sum < 1));

  // σ -> infinity: the window's softmax; with D >= S too: softmax
  const nn::AttentionOutput flat = nn::attend(scores, mask, values, predictive(9, 1e9), {.query = query});
  CHECK(far(flat.weights.value(), softmax(scores.value(), mask)) == "");
}

TEST_CASE("local-p of uniform scores keeps 0.576 of the weight at D = 10", "[nn][attention]") {
  nn::LocalPredictiveAlign align = predictive(10);
  align.v = nn::Parameter(zeros({3}, DType::f64));  // p = S/2
  const Variable scores(zeros({1, 1, 40}, DType::f64));
  const nn::AttentionOutput found = nn::attend(scores, {}, Variable(zeros({1, 40, 1}, DType::f64)), align,
                                               {.query = Variable(ones({1, 1, 2}, DType::f64))});
  CHECK(std::abs(sum(found.weights.value()).item() - 0.576) < 5e-4);
  const test::Array a = test::to_array(found.weights.value());
  CHECK(std::abs(a[{0, 0, 30}] / a[{0, 0, 20}] - 0.135335) < 1e-6);  // the window's edge
  CHECK(a[{0, 0, 31}] == 0);
}

TEST_CASE("the predicted position learns through the Gaussian: Σ dα·α·(s - p)/σ²", "[nn][attention]") {
  nn::LocalPredictiveAlign align = predictive(2);
  test::Numbers numbers(5);
  const Variable query(numbers.uniform({1, 1, 2}), true);
  const nn::AlignQueries queries{
      .query = query, .lengths = full({1, 1, 1}, 7, DType::i64), .queries = 1, .keys = 7, .target_length = 1};
  const Variable scores(numbers.uniform({1, 1, 7}));
  const Tensor mask = align.window(queries), cotangent = numbers.uniform({1, 1, 7});
  const Variable p = align.position(queries);
  backward(p);
  const Tensor dp_dv = align.v.grad();
  align.v.set_grad({});
  const Variable weights = align.forward(scores, mask, queries).weights;
  backward(weights, cotangent);
  const test::Array a = test::to_array(weights.value()), c = test::to_array(cotangent);
  double dp = 0;
  for (std::int64_t s = 0; s < 7; ++s) dp += c[{0, 0, s}] * a[{0, 0, s}] * (static_cast<double>(s) - p.item());
  CHECK(std::abs(dp) > 1e-3);
  CHECK(far(align.v.grad(), dp_dv * dp) == "");
}

TEST_CASE("the diagonal moves through source and target together", "[nn][attention]") {
  Generator generator(1);
  using Diagonal = nn::Attention<nn::UniformScore, nn::DiagonalAlign>;
  const Diagonal attention({}, generator);
  const Variable query(zeros({2, 4, 3}, DType::f64)), key(zeros({2, 6, 3}, DType::f64), true);
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{6, 2}, 6);
  const Tensor found = attention.forward({.query = query, .key = key, .mask = mask}).weights.value();
  const std::int64_t wanted[2][4] = {{0, 1, 3, 4}, {0, 0, 1, 1}};  // ⌊t·S/T⌋
  for (const test::Index& at : test::indices({2, 4, 6}))
    CHECK(test::to_array(found)[at] == (wanted[at[0]][at[1]] == at[2] ? 1 : 0));
  // one query at a time
  const nn::AttentionMemory memory = attention.project_keys({.key = key, .mask = mask});
  for (std::int64_t t = 0; t < 4; ++t)
    CHECK(test::same_bits(
        attention.forward(slice(query, 1, t, t + 1), memory, {.first_query = t, .target_length = 4}).weights.value(),
        slice(found, 1, t, t + 1).contiguous()));
  CHECK(test::refused<Error>([&] { attention.forward(query, memory, {.first_query = 1, .target_length = 4}); }) ==
        "attention: queries 1 to 5 of 4");

  const Diagonal soft({}, generator, nn::DiagonalAlign(0.5));
  const Tensor spread = soft.forward({.query = query, .key = key, .mask = mask}).weights.value();
  const auto term = [](double s) { return std::exp(-(s - 1.5) * (s - 1.5) * 2); };  // t = 1: m = 1.5
  double total = 0;
  for (int s = 0; s < 6; ++s) total += term(s);
  for (int s = 0; s < 6; ++s) CHECK(std::abs(test::to_array(spread)[{0, 1, s}] - term(s) / total) < 1e-14);
  CHECK_THROWS_AS(nn::DiagonalAlign(-1), Error);
}
