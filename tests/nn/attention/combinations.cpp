// Every score with every align, under every form of mask: gradients against differences, and what masks must hide.
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <tuple>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/align/diagonal.h"
#include "heed/nn/attention/align/gumbel_softmax.h"
#include "heed/nn/attention/align/hard.h"
#include "heed/nn/attention/align/local.h"
#include "heed/nn/attention/align/sum_normalised.h"
#include "heed/nn/attention/score/activated_general.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/biased_general.h"
#include "heed/nn/attention/score/concat.h"
#include "heed/nn/attention/score/cosine.h"
#include "heed/nn/attention/score/distance.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/elu_dot.h"
#include "heed/nn/attention/score/featurewise.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/attention/score/location.h"
#include "heed/nn/attention/score/location_aware.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/nn/attention/score/uniform.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"

using namespace heed;

namespace {

constexpr std::int64_t B = 2, T = 3, S = 4, Q = 2, D = 2;

template <class Score>
typename Score::Config config_of() {
  typename Score::Config c;
  if constexpr (requires { c.query; }) c.query = Q;
  if constexpr (requires { c.key; }) c.key = Q;
  if constexpr (requires { c.hidden; }) c.hidden = 3;
  if constexpr (requires { c.features; }) c.features = D;
  if constexpr (requires { c.positions; }) c.positions = S - 1;
  if constexpr (requires { c.channels; }) c.channels = 2, c.width = 3;
  if constexpr (requires { c.dtype; }) c.dtype = DType::f64;
  return c;
}

template <class Align>
Align make_align(Generator& generator) {
  if constexpr (std::same_as<Align, nn::LocalPredictiveAlign>)
    return Align({.query = Q, .hidden = 3, .window = 1, .dtype = DType::f64}, generator);
  else if constexpr (std::same_as<Align, nn::LocalMonotonicAlign>)
    return Align(1);
  else if constexpr (std::same_as<Align, nn::DiagonalAlign>)
    return Align(0.7);
  else
    return Align();
}

// Any of the attentions behind one type, so that what is checked of them is compiled once.
class AnyAttention {
 public:
  template <class Attention>
  explicit AnyAttention(const Attention& attention) : held_(std::make_unique<Of<Attention>>(attention)) {}
  AnyAttention(const AnyAttention& other) : held_(other.held_->copy()) {}

  nn::AttentionOutput forward(const nn::AttentionInput& input, const nn::AttentionCall& call) const {
    return held_->forward(input, call);
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    self.held_->each_parameter([&](const std::string& name, nn::Parameter& p) { visitor(name, p); });
  }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual std::unique_ptr<Held> copy() const = 0;
    virtual nn::AttentionOutput forward(const nn::AttentionInput&, const nn::AttentionCall&) const = 0;
    virtual void each_parameter(const std::function<void(const std::string&, nn::Parameter&)>& use) = 0;
  };

  template <class Attention>
  struct Of final : Held {
    Attention attention;
    explicit Of(const Attention& given) : attention(given) {}
    std::unique_ptr<Held> copy() const override { return std::make_unique<Of>(attention); }
    nn::AttentionOutput forward(const nn::AttentionInput& input, const nn::AttentionCall& call) const override {
      return attention.forward(input, call);
    }
    void each_parameter(const std::function<void(const std::string&, nn::Parameter&)>& use) override {
      nn::for_each_parameter(attention, use);
    }
  };

  std::unique_ptr<Held> held_;
};

// Parameters that are not near 0, as those of the additive score would be.
void spread_parameters(AnyAttention& module, test::Numbers& numbers) {
  nn::for_each_parameter(
      module, [&](const std::string&, nn::Parameter& p) { p = nn::Parameter(numbers.uniform(p.shape(), -1, 1)); });
}

struct Given {
  Tensor query, keys, values;
  explicit Given(test::Numbers& numbers)
      : query(numbers.uniform({B, T, Q})), keys(numbers.uniform({B, S, Q})), values(numbers.uniform({B, S, D})) {}
};

Tensor mask_of(std::initializer_list<double> numbers, const Shape& shape) {
  return tensor(numbers, shape, DType::boolean);
}

// None; padding, one example empty; other keys for each query, one of which has none.
std::vector<Tensor> masks() {
  return {Tensor(), mask_of({1, 1, 0, 1, 0, 0, 0, 0}, {B, 1, S}),
          mask_of({1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0}, {B, T, S}),
          nn::causal_mask(T, S, 0)};
}

// All that the attention gives, in one row; the same draws at every call.
Variable results(const AnyAttention& attention, std::span<const Variable> x, const Tensor& mask) {
  Generator generator(7);
  const nn::AttentionOutput found =
      attention.forward({.query = x[0], .key = x[1], .value = x[2], .mask = mask}, {.generator = &generator});
  std::vector<Variable> parts{reshape(found.context, {-1}), reshape(found.weights, {-1})};
  for (const Variable& part : {found.log_probability, found.entropy})
    if (part.defined()) parts.push_back(reshape(part, {-1}));
  return concat(parts, 0);
}

// Where the mask is false weights are 0, and a key and value that are no numbers leave the query that may not see them,
// and its gradient, as they were.
void check_hidden(const AnyAttention& attention, const Given& x, const Tensor& mask) {
  const Variable query(x.query, true);
  const auto run = [&](const Variable& keys, const Variable& values) {
    Generator generator(7);
    return attention.forward({.query = query, .key = keys, .value = values, .mask = mask}, {.generator = &generator});
  };
  const auto of_first = [](const Tensor& y) { return select(select(y, 0, 0), 0, 0); };  // query 0 of example 0
  const auto gradient = [&](const nn::AttentionOutput& found) {
    query.set_grad({});
    if (!found.context.requires_grad()) return Tensor();
    backward(sum(select(select(found.context, 0, 0), 0, 0) * Variable(tensor({1, -2}, {D}, DType::f64))));
    return query.grad();
  };
  const Variable keys(x.keys, true), values(x.values, true);
  const nn::AttentionOutput plain = run(keys, values);
  const Tensor before = gradient(plain), everywhere = expand(mask, {B, T, S});
  const Tensor weights = plain.weights.rank() == 4 ? sum(plain.weights.value(), 3) : plain.weights.value();
  CHECK(sum(abs(where(everywhere, 0, weights))).item() == 0);

  const test::Array allowed = test::to_array(everywhere);
  if (allowed[{0, 0, S - 1}] == 1) return;
  const bool unseen = allowed[{0, 1, S - 1}] + allowed[{0, 2, S - 1}] == 0;
  for (const double garbage : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Tensor bad_keys = x.keys.clone(), bad_values = x.values.clone();
    for (Tensor* part : {&bad_keys, &bad_values}) {
      Tensor last = select(select(*part, 0, 0), 0, S - 1);
      fill(last, garbage);
    }
    const Variable k(bad_keys, true), v(bad_values, true);
    const nn::AttentionOutput found = run(k, v);
    CHECK(test::difference(of_first(found.context.value()), test::to_array(of_first(plain.context.value())), 16, 1) ==
          "");
    const Tensor after = gradient(found);
    if (after.defined() && before.defined())
      CHECK(test::difference(of_first(after), test::to_array(of_first(before)), 64, 1) == "");
    if (!unseen) continue;  // another query has NaN, and so has what it shares with this one
    for (const Variable& input : {query, k, v})
      if (input.grad().defined()) CHECK(std::isfinite(norm(input.grad())));
  }
}

// sums: a score that is negative is an error. same_draws: those of queries that go one at a time are those of all at
// once.
void check(AnyAttention attention, bool sums, bool same_draws) {
  test::Numbers numbers(3);
  spread_parameters(attention, numbers);
  const Given x(numbers);
  for (const Tensor& mask : masks()) {
    const auto run = [&](const AnyAttention& probe, std::span<const Variable> in) { return results(probe, in, mask); };
    if (sums) {
      try {
        run(attention, std::array{Variable(x.query), Variable(x.keys), Variable(x.values)});
      } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with("sum_normalised: a score is -"));
        continue;
      }
    }
    CHECK(test::module_gradcheck(attention, {x.query, x.keys, x.values}, run) == "");
    if (same_draws && mask.defined()) check_hidden(attention, x, mask);
  }
}

template <class Score, class Align>
void check_pair() {
  if constexpr (nn::composes<Score, Align>) {
    Generator generator(1);
    const nn::Attention<Score, Align> attention(config_of<Score>(), generator, make_align<Align>(generator));
    check(AnyAttention(attention), nn::DividesBySum<Align>,
          !(nn::WeighsFeatures<Score> && std::same_as<Align, nn::GumbelSoftmaxAlign>));
  }
}

template <class Align, class... Scores>
void check_scores(std::tuple<Scores...>*) {
  (
      [] {
        INFO(typeid(Scores).name() << " " << typeid(Align).name());
        check_pair<Scores, Align>();
      }(),
      ...);
}

using AllScores =
    std::tuple<nn::DotScore, nn::ScaledDotScore, nn::GeneralScore, nn::BiasedGeneralScore, nn::ActivatedGeneralScore,
               nn::AdditiveScore, nn::ConcatScore, nn::CosineScore, nn::GaussianScore, nn::InverseDistanceScore,
               nn::LocationScore, nn::FeaturewiseScore, nn::LocationAwareScore, nn::EluDotScore, nn::UniformScore>;

template <class Align>
void check_align() {
  check_scores<Align>(static_cast<AllScores*>(nullptr));
}

}  // namespace

TEST_CASE("every score with softmax", "[nn][attention]") { check_align<nn::SoftmaxAlign>(); }
TEST_CASE("every score with the sum", "[nn][attention]") { check_align<nn::SumNormalisedAlign>(); }
TEST_CASE("every score with Gumbel-softmax", "[nn][attention]") { check_align<nn::GumbelSoftmaxAlign>(); }
TEST_CASE("every score with hard attention", "[nn][attention]") { check_align<nn::HardAlign>(); }
TEST_CASE("every score with local-m", "[nn][attention]") { check_align<nn::LocalMonotonicAlign>(); }
TEST_CASE("every score with local-p", "[nn][attention]") { check_align<nn::LocalPredictiveAlign>(); }
TEST_CASE("every score with the diagonal", "[nn][attention]") { check_align<nn::DiagonalAlign>(); }

TEST_CASE("a score and an align that do not go together are refused", "[nn][attention]") {
  CHECK(nn::composes<nn::DotScore, nn::SumNormalisedAlign>);  // where its scores are positive
  CHECK(!nn::composes<nn::GaussianScore, nn::SumNormalisedAlign>);
  CHECK(!nn::composes<nn::UniformScore, nn::SumNormalisedAlign>);
  CHECK(!nn::composes<nn::FeaturewiseScore, nn::HardAlign>);
  CHECK(nn::composes<nn::FeaturewiseScore, nn::GumbelSoftmaxAlign>);
  CHECK(!nn::composes<nn::DotScore, nn::DiagonalAlign>);
  CHECK(nn::composes<nn::UniformScore, nn::DiagonalAlign>);
}
