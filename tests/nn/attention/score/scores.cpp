// Every score: gradients, the order of the keys, masks, sizes that do not fit; and what each equals.
#include <cmath>
#include <numbers>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/additive.h"
#include "heed/nn/attention/score/biased_general.h"
#include "heed/nn/attention/score/concat.h"
#include "heed/nn/attention/score/cosine.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::Attention;

namespace {

constexpr std::int64_t B = 3, T = 2, S = 5;

struct Sizes {
  std::int64_t query, key;
};

// The attention with parameters far enough from 0 for alignments that are not uniform.
template <class Score>
Attention<Score> make(const typename Score::Config& config, std::uint64_t seed) {
  Generator generator(seed);
  Attention<Score> attention(config, generator);
  nn::for_each_parameter(attention, [&](const std::string&, nn::Parameter& p) {
    p = nn::Parameter(uniform(generator, p.shape(), -1.5, 1.5, DType::f64));
  });
  return attention;
}

double far(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }

template <class Score>
Tensor scores_of(const Score& score, const Tensor& query, const Tensor& keys) {
  return score.forward(Variable(query), score.project_keys(Variable(keys))).value();
}

template <class Score>
void check_score(const typename Score::Config& config, Sizes size) {
  const Attention<Score> attention = make<Score>(config, 1);
  test::Numbers numbers(2);
  const Tensor query = numbers.uniform({B, T, size.query}), keys = numbers.uniform({B, S, size.key}),
               values = numbers.uniform({B, S, 2});

  SECTION("gradients") {
    const Tensor weight_of_context = numbers.uniform({B, T, 2}), weight_of_weights = numbers.uniform({B, T, S});
    for (const Tensor& mask : {Tensor(), nn::length_mask(std::vector<std::int64_t>{4, 0, 5}, S)}) {
      const auto f = [&](const Attention<Score>& probe, std::span<const Variable> x) {
        const nn::AttentionOutput found = probe.forward({.query = x[0], .key = x[1], .value = x[2], .mask = mask});
        return sum(found.context * Variable(weight_of_context)) + sum(found.weights * Variable(weight_of_weights));
      };
      CHECK(test::module_gradcheck(attention, {query, keys, values}, f) == "");
    }
  }
  SECTION("scores follow their keys") {
    const Tensor order = tensor({3, 0, 4, 1, 2}, {S}, DType::i64), before = scores_of(attention.score, query, keys);
    CHECK(max(before).item() + max(-1.0 * before).item() > 0.1);
    CHECK(far(scores_of(attention.score, query, index_select(keys, 1, order)), index_select(before, 2, order)) < 1e-12);
  }
  SECTION("an example with no allowed key gives 0") {
    const nn::AttentionOutput found =
        attention.forward({.query = Variable(query),
                           .key = Variable(keys),
                           .value = Variable(values),
                           .mask = nn::length_mask(std::vector<std::int64_t>{4, 0, 5}, S)});
    CHECK(max(abs(select(found.context.value(), 0, 1))).item() == 0);
    CHECK(max(abs(select(found.weights.value(), 0, 1))).item() == 0);
    CHECK(std::abs(sum(select(found.weights.value(), 0, 0)).item() - T) < 1e-12);
  }
  SECTION("sizes that do not fit are refused") {
    const Variable wide_query(numbers.uniform({B, T, size.query + 1})),
        wide_keys(numbers.uniform({B, S, size.key + 1}));
    const auto projected = attention.score.project_keys(Variable(keys));
    CHECK_THROWS_AS(attention.score.project_keys(wide_keys), ShapeError);
    CHECK_THROWS_AS(attention.score.forward(wide_query, projected), ShapeError);
    CHECK_THROWS_AS(attention.score.forward(Variable(slice(query, 0, 0, 1)), projected), ShapeError);
    CHECK_THROWS_AS(attention.score.project_keys(Variable(select(keys, 0, 0))), ShapeError);
  }
}

}  // namespace

TEST_CASE("dot score", "[nn][attention]") { check_score<nn::DotScore>({.size = 3}, {3, 3}); }

TEST_CASE("scaled dot score", "[nn][attention]") { check_score<nn::ScaledDotScore>({.size = 3}, {3, 3}); }

TEST_CASE("general score", "[nn][attention]") {
  check_score<nn::GeneralScore>({.query = 3, .key = 4, .dtype = DType::f64}, {3, 4});
}

TEST_CASE("biased general score", "[nn][attention]") {
  check_score<nn::BiasedGeneralScore>({.query = 3, .key = 4, .dtype = DType::f64}, {3, 4});
}

TEST_CASE("concat score", "[nn][attention]") {
  check_score<nn::ConcatScore>({.query = 3, .key = 4, .hidden = 6, .dtype = DType::f64}, {3, 4});
}

TEST_CASE("cosine score", "[nn][attention]") { check_score<nn::CosineScore>({.size = 3, .dtype = DType::f64}, {3, 3}); }

TEST_CASE("scores that must be equal are", "[nn][attention]") {
  Generator generator(1);
  test::Numbers numbers(3);
  const Tensor query = numbers.uniform({B, T, 4}), keys = numbers.uniform({B, S, 4});
  const Tensor dot = scores_of(nn::DotScore({.size = 4}, generator), query, keys);

  SECTION("scaled dot: dot with q/√K") {
    CHECK(far(scores_of(nn::ScaledDotScore({.size = 4}, generator), query, keys), dot / 2) < 1e-15);
  }
  SECTION("general with W = 1: dot") {
    nn::GeneralScore general({.query = 4, .key = 4, .dtype = DType::f64}, generator);
    Tensor identity = zeros({4, 4}, DType::f64);
    for (std::int64_t i = 0; i < 4; ++i) {
      Tensor diagonal = select(select(identity, 0, i), 0, i);
      fill(diagonal, 1);
    }
    general.weight = nn::Parameter(identity);
    CHECK(far(scores_of(general, query, keys), dot) < 1e-15);
  }
  SECTION("biased general: general with Wᵀ, and kᵀb more") {
    nn::GeneralScore general({.query = 4, .key = 4, .dtype = DType::f64}, generator);
    nn::BiasedGeneralScore biased({.query = 4, .key = 4, .dtype = DType::f64}, generator);
    general.weight = nn::Parameter(mT(biased.weight.value()).contiguous());
    const Tensor salience = matmul(keys, biased.bias.value());  // [B, S]
    CHECK(max(abs(salience)).item() > 0.01);
    CHECK(far(scores_of(biased, query, keys), scores_of(general, query, keys) + unsqueeze(salience, 1)) < 1e-14);
    const Tensor nothing_asked = scores_of(biased, zeros({B, T, 4}, DType::f64), keys);
    CHECK(far(nothing_asked, expand(unsqueeze(salience, 1), {B, T, S})) < 1e-14);
  }
  SECTION("concat: additive with W = [W U]") {
    nn::ConcatScore joined({.query = 4, .key = 4, .hidden = 6, .dtype = DType::f64}, generator);
    nn::AdditiveScore apart({.query = 4, .key = 4, .hidden = 6, .dtype = DType::f64}, generator);
    apart.query_weight = nn::Parameter(slice(joined.weight.value(), 1, 0, 4).clone());
    apart.key_weight = nn::Parameter(slice(joined.weight.value(), 1, 4, 8).clone());
    apart.v = nn::Parameter(joined.v.value().clone());
    CHECK(test::same_bits(scores_of(joined, query, keys), scores_of(apart, query, keys)));
  }
}

TEST_CASE("the first scale of a cosine score is the config's, and lengths do not matter", "[nn][attention]") {
  Generator generator(1);
  test::Numbers numbers(4);
  const nn::CosineScore score({.size = 3, .scale = 5, .dtype = DType::f64}, generator);
  const Tensor query = numbers.uniform({B, T, 3}), keys = numbers.uniform({B, S, 3});
  CHECK(far(scores_of(score, query * 7.0, keys * 0.01), scores_of(score, query, keys)) < 1e-13);
  const Tensor itself = scores_of(score, query, query);
  for (std::int64_t t = 0; t < T; ++t)
    CHECK(std::abs(select(select(select(itself, 0, 0), 0, t), 0, t).item() - 5) < 1e-13);

  SECTION("a zero vector scores 0, with a finite gradient") {
    const Variable q(zeros({1, 1, 3}, DType::f64), true), k(zeros({1, 2, 3}, DType::f64), true);
    const Variable e = score.forward(q, score.project_keys(k));
    backward(sum(e));
    CHECK(max(abs(e.value())).item() == 0);
    CHECK(max(abs(q.grad())).item() == 0);
    CHECK(max(abs(k.grad())).item() == 0);
  }
  SECTION("the gradient is orthogonal to what is scored") {
    const Variable q(query, true), k(keys, true);
    backward(sum(score.forward(q, score.project_keys(k))));
    CHECK(max(abs(q.grad())).item() > 0.01);
    CHECK(max(abs(sum(q.grad() * query, {-1}))).item() < 1e-13);
    CHECK(max(abs(sum(k.grad() * keys, {-1}))).item() < 1e-13);
  }
}

TEST_CASE("a cosine alone cannot be sharp", "[nn][attention]") {
  Generator generator(1);
  const nn::CosineScore score({.size = 1, .scale = 1, .dtype = DType::f64}, generator);
  for (const auto& [keys, most] : {std::pair<std::int64_t, double>{5, 0.649}, {10, 0.451}, {20, 0.280}, {50, 0.131}}) {
    Tensor all = full({1, keys, 1}, -1, DType::f64);  // all but one against the query
    Tensor first = slice(all, 1, 0, 1);
    fill(first, 1);
    const Tensor weights =
        nn::SoftmaxAlign::forward(
            score.forward(Variable(ones({1, 1, 1}, DType::f64)), score.project_keys(Variable(all))), {})
            .value();
    CHECK(std::abs(max(weights).item() - most) < 5e-4);
  }
}

TEST_CASE("scores refuse configs that mean nothing", "[nn][attention]") {
  Generator generator(1);
  CHECK_THROWS_AS(nn::DotScore({}, generator), ShapeError);
  CHECK_THROWS_AS(nn::ScaledDotScore({.size = -1}, generator), ShapeError);
  CHECK_THROWS_AS(nn::GeneralScore({.query = 3}, generator), ShapeError);
  CHECK_THROWS_AS(nn::BiasedGeneralScore({.key = 3}, generator), ShapeError);
  CHECK_THROWS_AS(nn::ConcatScore({.query = 3, .key = 3}, generator), ShapeError);
  CHECK_THROWS_AS(nn::CosineScore({}, generator), ShapeError);
  for (const double scale : {0.0, -1.0, std::nan(""), double{INFINITY}})
    CHECK_THROWS_AS(nn::CosineScore({.size = 3, .scale = scale}, generator), Error);
}
