// The survey's task model: every feature model, query model, score and align in their place; gradients against
// differences; what it must equal. Every score with every align: tests/nn/attention/combinations.cpp.
#include "heed/models/task_model.h"

#include <cmath>
#include <limits>

#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/models/task_model_parts.h"
#include "heed/nn.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"

using namespace heed;
using namespace heed::models;

namespace {

constexpr std::int64_t B = 2, S = 4, I = 2, F = 4, K = 3, D = 3, C = 2;

template <class Part>
typename Part::Config sizes() {
  typename Part::Config c;
  if constexpr (requires { c.in; }) c.in = I;
  if constexpr (requires { c.out; }) c.out = F;
  if constexpr (std::same_as<Part, RecurrentFeatures>) c.hidden = F / 2;
  if constexpr (std::same_as<Part, SelfQuery>) c.features = F;
  if constexpr (requires { c.query; }) c.query = K;
  if constexpr (requires { c.key; }) c.key = K;
  if constexpr (requires { c.size; }) c.size = K;
  if constexpr (requires { c.channels; }) c.channels = 2, c.width = 3;
  if constexpr (requires { c.positions; }) c.positions = S;
  if constexpr (!std::same_as<Part, RecurrentFeatures> && requires { c.hidden; }) c.hidden = 2;
  if constexpr (!std::same_as<Part, SelfQuery> && requires { c.features; }) c.features = D;
  if constexpr (requires { c.dtype; }) c.dtype = DType::f64;
  return c;
}

template <class Feature, class Query, class Score, class Align>
auto make(Generator& generator) {
  using Model = TaskModel<Feature, Query, nn::Attention<Score, Align>, nn::Linear>;
  return Model({.feature = sizes<Feature>(),
                .query = sizes<Query>(),
                .attention = sizes<Score>(),
                .output = {.in = D, .out = C, .dtype = DType::f64},
                .key = K,
                .value = D,
                .dtype = DType::f64},
               generator);
}

template <class Feature, class Query, class Score, class Align = nn::SoftmaxAlign>
void check_gradients() {
  Generator generator(3);
  test::Numbers numbers(1);
  const auto model = make<Feature, Query, Score, Align>(generator);
  const std::vector<std::int64_t> lengths{3, 4};
  const Variable asked = numbers.uniform({B, 2, K});
  CHECK(test::module_gradcheck(model, {numbers.uniform({B, S, I})}, [&](const auto& m, auto x) {
          Generator draws(7);
          const Variable query = std::same_as<Query, GivenQuery> ? asked : Variable();
          const auto found = m.forward({.x = x[0], .lengths = lengths, .query = query, .call = {.generator = &draws}});
          return sum(tanh(found.y)) + sum(found.attention.weights * found.attention.weights);
        }) == "");
}

}  // namespace

TEST_CASE("task model: every feature model with every query model", "[models][task_model]") {
  check_gradients<LinearFeatures, LearnedQuery, nn::AdditiveScore>();
  check_gradients<LinearFeatures, GivenQuery, nn::AdditiveScore>();
  check_gradients<LinearFeatures, SelfQuery, nn::AdditiveScore>();
  check_gradients<ConvFeatures, LearnedQuery, nn::AdditiveScore>();
  check_gradients<ConvFeatures, SelfQuery, nn::AdditiveScore>();
  check_gradients<RecurrentFeatures, LearnedQuery, nn::AdditiveScore>();
  check_gradients<RecurrentFeatures, GivenQuery, nn::AdditiveScore>();
}

TEST_CASE("task model: every score", "[models][task_model]") {
  check_gradients<LinearFeatures, LearnedQuery, nn::DotScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::ScaledDotScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::GeneralScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::BiasedGeneralScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::ActivatedGeneralScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::ConcatScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::CosineScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::GaussianScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::LocationScore>();
  check_gradients<LinearFeatures, LearnedQuery, nn::FeaturewiseScore>();
  check_gradients<LinearFeatures, GivenQuery, nn::LocationAwareScore>();
}

TEST_CASE("task model: every align", "[models][task_model]") {
  check_gradients<ConvFeatures, LearnedQuery, nn::InverseDistanceScore, nn::SumNormalisedAlign>();
  check_gradients<ConvFeatures, LearnedQuery, nn::GeneralScore, nn::GumbelSoftmaxAlign>();
  check_gradients<ConvFeatures, LearnedQuery, nn::GeneralScore, nn::HardAlign>();
}

TEST_CASE("task model: with dot product and softmax it is attention in three steps", "[models][task_model]") {
  Generator generator(3);
  test::Numbers numbers(1);
  const auto model = make<LinearFeatures, SelfQuery, nn::ScaledDotScore, nn::SoftmaxAlign>(generator);
  const Variable x = numbers.uniform({B, S, I}), features = model.feature.linear.forward(x);
  const auto head = [](const nn::Linear& layer, const Variable& f) { return unsqueeze(layer.forward(f), 1); };
  const Variable c = scaled_dot_product_attention(head(model.query.linear, features), head(model.key, features),
                                                  head(model.value, features));
  const Tensor wanted = model.output.forward(squeeze(c, 1)).value();
  CHECK(test::difference(model.forward({.x = x}).y.value(), test::to_array(wanted), 64, 1) == "");
}

TEST_CASE("task model: what stands behind a length reaches nothing", "[models][task_model]") {
  Generator generator(3);
  test::Numbers numbers(1);
  const Tensor x = numbers.uniform({1, 3, I});
  const Tensor padded = concat({x, full({1, 2, I}, std::numeric_limits<double>::quiet_NaN(), DType::f64)}, 1);
  const auto check = [&](const auto& model) {
    const Tensor y = model.forward({.x = padded, .lengths = {3}}).y.value();
    CHECK(test::difference(y, test::to_array(model.forward({.x = x}).y.value()), 64, 1) == "");
  };
  check(make<LinearFeatures, LearnedQuery, nn::AdditiveScore, nn::SoftmaxAlign>(generator));
  check(make<ConvFeatures, LearnedQuery, nn::AdditiveScore, nn::SoftmaxAlign>(generator));
  check(make<RecurrentFeatures, LearnedQuery, nn::AdditiveScore, nn::SoftmaxAlign>(generator));
}

TEST_CASE("task model: a query from outside that is not given is an error", "[models][task_model]") {
  Generator generator(3);
  const auto model = make<LinearFeatures, GivenQuery, nn::DotScore, nn::SoftmaxAlign>(generator);
  CHECK_THROWS_AS(model.forward({.x = zeros({B, S, I}, DType::f64)}), Error);
  CHECK_THROWS_AS(LearnedQuery({.query = 0}, generator), ShapeError);
}
