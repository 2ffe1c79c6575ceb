// Scores that are more than products, each against its formula or a simpler one.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/score/activated_general.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/biased_general.h"
#include "heed/nn/attention/score/cosine.h"
#include "heed/nn/attention/score/distance.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/featurewise.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/attention/score/location.h"
#include "heed/nn/attention/score/location_aware.h"
#include "heed/nn/attention/score/uniform.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
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

// The largest weight that scores in [-1, 1] can give one of n keys.
double bound(double n) { return 1 / (1 + (n - 1) * std::exp(-2.0)); }

struct Given {
  Variable query, keys;
  Tensor cotangent;
  explicit Given(std::uint64_t seed, std::int64_t width = Q) {
    test::Numbers numbers(seed);
    query = Variable(numbers.uniform({B, T, width}), true);
    keys = Variable(numbers.uniform({B, S, K}), true);
    cotangent = numbers.uniform({B, T, S});
  }
};

}  // namespace

TEST_CASE("the biased general score adds a salience of each key to the general one", "[nn][attention]") {
  auto biased = make_score<nn::BiasedGeneralScore>({.query = Q, .key = K, .dtype = DType::f64});
  auto general = make_score<nn::GeneralScore>({.query = Q, .key = K, .dtype = DType::f64});
  general.weight = nn::Parameter(biased.weight.value());
  const Given x(1);
  const Variable e = scores_of(biased, x.query, x.keys);
  const Variable salience = unsqueeze(matmul(x.keys, biased.bias), 1);  // [B, 1, S]
  CHECK(far(e.value(), (scores_of(general, x.query, x.keys) + salience).value()) == "");
  backward(e, x.cotangent);
  CHECK(far(biased.bias.grad(), sum(matmul(x.cotangent, x.keys.value()), {0, 1})) == "");  // Σ de·k
  biased.bias = nn::Parameter(zeros({K}, DType::f64));
  CHECK(far(scores_of(biased, x.query, x.keys).value(), scores_of(general, x.query, x.keys).value()) == "");
  CHECK(test::refused<ShapeError>([&] {
          biased.forward(x.keys, biased.project_keys(x.keys));
        }).starts_with("biased general score: Q differs: query axis -1 = 5"));
}

TEST_CASE("the activated general score is bounded by tanh; its bias cancels without it", "[nn][attention]") {
  using Activation = nn::ActivatedGeneralScore::Activation;
  auto score = make_score<nn::ActivatedGeneralScore>({.query = Q, .key = K, .dtype = DType::f64});
  CHECK(std::abs(bound(10) - 0.451) < 5e-4);
  CHECK(std::abs(bound(20) - 0.280) < 5e-4);
  test::Numbers numbers(2);
  const Variable query(numbers.uniform({1, 50, Q}) * 100.0), keys(numbers.uniform({1, 10, K}));
  const double largest = max(softmax(scores_of(score, query, keys).value())).item();
  CHECK(largest <= bound(10) + 1e-12);
  CHECK(largest > 0.3);

  const Given x(3);
  auto plain = make_score<nn::ActivatedGeneralScore>(
      {.query = Q, .key = K, .activation = Activation::identity, .dtype = DType::f64});
  auto general = make_score<nn::GeneralScore>({.query = Q, .key = K, .dtype = DType::f64});
  general.weight = nn::Parameter(plain.weight.value());
  const Variable e = scores_of(plain, x.query, x.keys);
  CHECK(far(e.value(), (scores_of(general, x.query, x.keys) + plain.bias).value()) == "");
  backward(softmax(e), x.cotangent);
  CHECK(std::abs(plain.bias.grad().item()) < 1e-14);
  auto rectified = make_score<nn::ActivatedGeneralScore>(
      {.query = Q, .key = K, .activation = Activation::relu, .dtype = DType::f64});
  CHECK(test::same_bits(scores_of(rectified, x.query, x.keys).value(), relu(e.value())));
}

TEST_CASE("without tanh, what an additive score does with the query cancels in the softmax", "[nn][attention]") {
  const Given x(4);
  test::Numbers numbers(4);
  const Variable of_query(numbers.uniform({6, Q}), true), of_key(numbers.uniform({6, K})), v(numbers.uniform({6}));
  const Variable hidden = unsqueeze(linear(x.query, of_query), 2) + unsqueeze(linear(x.keys, of_key), 1);
  backward(softmax(matmul(hidden, v)), x.cotangent);
  CHECK(max(abs(of_query.grad())).item() < 1e-13);
  CHECK(max(abs(x.query.grad())).item() < 1e-13);
}

TEST_CASE("the cosine score does not see lengths, and survives zero vectors", "[nn][attention]") {
  auto score = make_score<nn::CosineScore>({.dtype = DType::f64});
  CHECK(std::abs(score.log_scale.value().item() - std::log(10.0)) < 1e-14);
  const Given x(5, K);
  const Variable e = scores_of(score, x.query, x.keys);
  const test::Array q = test::to_array(x.query.value()), k = test::to_array(x.keys.value()),
                    found = test::to_array(e.value());
  for (const test::Index& at : test::indices({B, T, S})) {
    double qk = 0, qq = 0, kk = 0;
    for (std::int64_t i = 0; i < K; ++i) {
      const double a = q[{at[0], at[1], i}], b = k[{at[0], at[2], i}];
      qk += a * b, qq += a * a, kk += b * b;
    }
    CHECK(std::abs(found[at] - 10 * qk / std::sqrt(qq * kk)) < 1e-13);
  }
  backward(e, x.cotangent);
  CHECK(max(abs(sum(x.query.value() * x.query.grad(), 2))).item() < 1e-12);  // gradients are at right angles
  CHECK(max(abs(sum(x.keys.value() * x.keys.grad(), 2))).item() < 1e-12);
  CHECK(far(scores_of(score, x.query * 1e3, x.keys * 1e-3).value(), e.value()) == "");

  const Variable zero(zeros({1, 2, K}, DType::f64), true), keys(x.keys.value(), true);
  const Variable none = scores_of(score, zero, slice(keys, 0, 0, 1));
  CHECK(max(abs(none.value())).item() == 0);
  backward(none, ones({1, 2, S}, DType::f64));
  CHECK(std::isfinite(norm(zero.grad())));
  CHECK(std::isfinite(norm(keys.grad())));

  // with β = 1 it cannot be sharp
  for (const auto& [n, largest] : {std::pair{5, 0.649}, {10, 0.451}, {20, 0.280}, {50, 0.131}, {100, 0.069}})
    CHECK(std::abs(bound(n) - largest) < 5e-4);
  score.log_scale = nn::Parameter(zeros({1}, DType::f64));
  const Variable one(ones({1, 1, 2}, DType::f64));
  const Variable opposite = concat({one, expand(-one, {1, 9, 2})}, 1);
  CHECK(std::abs(max(softmax(scores_of(score, one, opposite).value())).item() - bound(10)) < 1e-14);
  CHECK(test::refused<Error>([] { make_score<nn::CosineScore>({.scale = 0}); }) ==
        "cosine score: scale is 0, expected a positive number");
}

TEST_CASE("the Gaussian score is the dot score with the keys' norms for a bias", "[nn][attention]") {
  const nn::GaussianScore score({.deviation = 1});
  const Given x(6, K);
  const Variable e = scores_of(score, x.query, x.keys);
  const Variable norms = unsqueeze(sum(x.keys * x.keys, 2), 1) / 2;  // [B, 1, S]
  CHECK(far(softmax(e.value()), softmax((nn::DotScore::forward(x.query, x.keys) - norms).value())) == "");
  // τ -> 0 gives the nearest key, τ -> infinity the mean
  const Tensor query = tensor({0.3}, {1, 1, 1}, DType::f64), keys = tensor({0, 0.5, 1}, {1, 3, 1}, DType::f64);
  const auto weights = [&](double deviation) {
    return softmax(scores_of(nn::GaussianScore({.deviation = deviation}), Variable(query), Variable(keys)).value());
  };
  CHECK(far(weights(1e-3), tensor({0, 1, 0}, {1, 1, 3}, DType::f64)) == "");
  CHECK(max(abs(weights(1e6) - 1 / 3.0)).item() < 1e-12);
  CHECK(test::refused<Error>([] { nn::GaussianScore({.deviation = 0}); }) ==
        "gaussian score: deviation is 0, expected a positive number");
}

TEST_CASE("the inverse distance is 1 at a key and has no NaN there", "[nn][attention]") {
  const Variable query(tensor({1, 2}, {1, 1, 2}, DType::f64), true),
      keys(tensor({1, 2, 4, 6}, {1, 2, 2}, DType::f64), true);
  const Variable e = nn::InverseDistanceScore::forward(query, keys);
  CHECK(far(e.value(), tensor({1, 1 / 6.0}, {1, 1, 2}, DType::f64)) == "");  // 1/(1 + 5), not 5
  backward(e, tensor({1, 36}, {1, 1, 2}, DType::f64));
  CHECK(far(query.grad(), tensor({0.6, 0.8}, {1, 1, 2}, DType::f64)) == "");
  CHECK(far(keys.grad(), tensor({0, 0, -0.6, -0.8}, {1, 2, 2}, DType::f64)) == "");
}

TEST_CASE("the location score sees no key", "[nn][attention]") {
  Generator generator(1);
  const nn::Attention<nn::LocationScore> attention({.query = Q, .positions = 3, .dtype = DType::f64}, generator);
  test::Numbers numbers(7);
  const Variable query(numbers.uniform({B, T, Q})), keys(numbers.uniform({B, S, K}), true);
  const Tensor values = numbers.uniform({B, S, 2});
  const nn::AttentionOutput found = attention.forward({.query = query, .key = keys, .value = Variable(values)});
  const Tensor wanted = softmax(linear(query.value(), attention.score.weight.value()));
  CHECK(far(slice(found.weights.value(), 2, 0, 3), wanted) == "");  // three positions are known, the fourth is ignored
  CHECK(max(slice(found.weights.value(), 2, 3, 4)).item() == 0);
  backward(sum(found.context * found.context));
  CHECK((!keys.grad().defined() || max(abs(keys.grad())).item() == 0));
  const Tensor order = tensor({3, 1, 0, 2}, {S}, DType::i64);
  const Variable permuted(index_select(keys.value(), 1, order));
  CHECK(test::same_bits(attention.forward({.query = query, .key = permuted}).weights.value(), found.weights.value()));
  // a short source uses the first rows, and adds up to 1
  const Tensor two = attention.forward({.query = query, .key = slice(keys, 1, 0, 2)}).weights.value();
  CHECK(far(two, softmax(slice(linear(query.value(), attention.score.weight.value()), 2, 0, 2))) == "");
  // a source of which only what W does not know may be attended
  const Tensor late = tensor({0, 0, 0, 1}, {1, 1, 4}, DType::boolean);
  CHECK(max(abs(attention.forward({.query = query, .key = keys, .mask = late}).weights.value())).item() == 0);
}

TEST_CASE("the feature-wise score of one feature is the additive score", "[nn][attention]") {
  Generator generator(1);
  nn::FeaturewiseScore score({.query = Q, .key = K, .hidden = 6, .features = 1, .dtype = DType::f64}, generator);
  score.query_bias = nn::Parameter(zeros({6}, DType::f64));
  auto additive = make_score<nn::AdditiveScore>({.query = Q, .key = K, .hidden = 6, .dtype = DType::f64});
  additive.query_weight = nn::Parameter(score.query_weight.value());
  additive.key_weight = nn::Parameter(score.key_weight.value());
  additive.v = nn::Parameter(reshape(score.weight.value(), {6}));
  const Given x(8);
  CHECK(far(squeeze(scores_of(score, x.query, x.keys), 3).value(), scores_of(additive, x.query, x.keys).value()) == "");

  // weights of its own for each feature, one softmax over the keys for each
  const nn::Attention<nn::FeaturewiseScore> attention(
      {.query = Q, .key = K, .hidden = 6, .features = 2, .dtype = DType::f64}, generator);
  test::Numbers numbers(8);
  const Tensor values = numbers.uniform({B, S, 2}), mask = tensor({1, 1, 0, 1, 1, 1, 1, 1}, {B, 1, S}, DType::boolean);
  const nn::AttentionOutput found =
      attention.forward({.query = x.query, .key = x.keys, .value = Variable(values), .mask = mask});
  const Tensor e = scores_of(attention.score, x.query, x.keys).value();
  for (std::int64_t d = 0; d < 2; ++d) {
    const Tensor weights = softmax(select(e, 3, d).contiguous(), mask);
    CHECK(far(select(found.weights.value(), 3, d), weights) == "");
    CHECK(far(select(found.context.value(), 2, d), squeeze(matmul(weights, slice(values, 2, d, d + 1)), 2)) == "");
  }
  CHECK(test::refused<ShapeError>([&] {
          attention.forward({.query = x.query, .key = x.keys});
        }).starts_with("attend: D differs: scores axis -1 = 2, values axis -1 = 5"));
}

TEST_CASE("the location-aware score without its location is the additive score", "[nn][attention]") {
  Generator generator(1);
  using Aware = nn::Attention<nn::LocationAwareScore>;
  Aware attention({.query = Q, .key = K, .hidden = 6, .channels = 2, .width = 3, .dtype = DType::f64}, generator);
  nn::LocationAwareScore& score = attention.score;
  const Given x(9);
  const nn::AttentionOutput aware = attention.forward({.query = x.query, .key = x.keys});

  // by hand: f[s, c] = Σ_i F[c, i]·α[s + i - 1]
  const nn::AttentionMemory memory = attention.project_keys({.key = x.keys});
  Tensor previous;
  for (std::int64_t t = 0; t < T; ++t) {
    Variable features(zeros({B, S, 2}, DType::f64));
    if (previous.defined()) {
      const test::Array a = test::to_array(previous), f = test::to_array(score.convolution.value());
      test::Array convolved({B, S, 2});
      for (const test::Index& at : test::indices({B, S, 2}))
        for (std::int64_t i = 0; i < 3; ++i) {
          const std::int64_t s = at[1] + i - 1;
          if (s >= 0 && s < S) convolved[at] += f[{at[2], 0, i}] * a[{at[0], 0, s}];
        }
      features = Variable(test::to_tensor(convolved, DType::f64));
    }
    const Variable of_query = linear(slice(x.query, 1, t, t + 1), score.query_weight, score.query_bias);
    const Variable hidden = tanh(of_query + memory.keys + linear(features, score.location_weight));
    previous = softmax(unsqueeze(matmul(hidden, score.v), 1)).value();
    CHECK(far(slice(aware.weights.value(), 1, t, t + 1), previous) == "");
  }
  // one query at a time, told the weights before
  nn::AttentionOutput one;
  for (std::int64_t t = 0; t < T; ++t) {
    one = attention.forward(slice(x.query, 1, t, t + 1), memory, {.first_query = t, .previous_weights = one.weights});
    CHECK(far(one.weights.value(), slice(aware.weights.value(), 1, t, t + 1)) == "");
  }

  score.location_weight = nn::Parameter(zeros({6, 2}, DType::f64));
  score.query_bias = nn::Parameter(zeros({6}, DType::f64));
  nn::AdditiveAttention additive({.query = Q, .key = K, .hidden = 6, .dtype = DType::f64}, generator);
  additive.score.query_weight = nn::Parameter(score.query_weight.value());
  additive.score.key_weight = nn::Parameter(score.key_weight.value());
  additive.score.v = nn::Parameter(score.v.value());
  CHECK(far(attention.forward({.query = x.query, .key = x.keys}).weights.value(),
            additive.forward({.query = x.query, .key = x.keys}).weights.value()) == "");
  CHECK(test::refused<Error>([&] { Aware({.query = 1, .key = 1, .hidden = 1, .width = 2}, generator); }) ==
        "location-aware score: width is 2, expected an odd one");
  CHECK(attention.forward({.query = slice(x.query, 1, 0, 0), .key = x.keys}).context.shape() == Shape{B, 0, K});
}

TEST_CASE("uniform scores give the mean of the allowed values", "[nn][attention]") {
  const nn::Attention<nn::UniformScore> attention({}, nn::ParameterSource::zeros());
  const Given x(10);
  const Tensor mask = tensor({1, 1, 0, 0, 1, 1, 1, 1}, {B, 1, S}, DType::boolean);
  const Tensor found = attention.forward({.query = x.query, .key = x.keys, .mask = mask}).context.value();
  CHECK(far(slice(found, 0, 0, 1), expand(mean(slice(slice(x.keys.value(), 0, 0, 1), 1, 0, 2), 1, true), {1, T, K})) ==
        "");
}
