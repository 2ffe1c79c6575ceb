// Aligns that draw: Gumbel-softmax, straight-through, hard attention by REINFORCE.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/align/gumbel_softmax.h"
#include "heed/nn/attention/align/hard.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;

namespace {

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

Tensor f64(std::initializer_list<double> numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }

// Σ (seen - expected)²/expected.
double chi_square(const Tensor& weights, const Tensor& probabilities, double draws) {
  const test::Array p = test::to_array(probabilities), counts = test::to_array(sum(weights, {0, 1}));
  double result = 0;
  for (std::size_t s = 0; s < p.numbers.size(); ++s) {
    const double expected = draws * p.numbers[s];
    result += (counts.numbers[s] - expected) * (counts.numbers[s] - expected) / expected;
  }
  return result;
}

constexpr double least_likely_of_1000 = 20.515;  // of chi-square with 5 degrees of freedom

}  // namespace

TEST_CASE("Gumbel noise is finite at both ends of [0, 1)", "[nn][attention]") {
  const Tensor ends = nn::gumbel_noise(tensor({1 - std::ldexp(1.0, -24), 0.0}, {2}, DType::f32));
  CHECK(std::abs(test::to_array(ends).numbers[0] - 16.6355) < 1e-4);
  CHECK(std::abs(test::to_array(ends).numbers[1] + 2.85236) < 1e-5);
  const Tensor wide = nn::gumbel_noise(f64({1 - std::ldexp(1.0, -53), 0, std::exp(-1.0)}, {3}));
  CHECK(far(wide, f64({53 * std::log(2.0), -std::log(54 * std::log(2.0)), 0}, {3})) == "");
}

TEST_CASE("Gumbel-softmax of the same noise is softmax((e + g)/τ)", "[nn][attention]") {
  test::Numbers numbers(1);
  const Variable e(numbers.uniform({2, 3, 4}), true);
  const Tensor mask = numbers.mask({2, 1, 4}), cotangent = numbers.uniform({2, 3, 4});
  Generator first(5), second(5), third(5);
  const Tensor noise = nn::gumbel_noise(uniform(first, {2, 3, 4}, 0, 1, DType::f64));
  const Tensor wanted = softmax((e.value() + noise) / 0.7, mask);
  const Variable soft = nn::GumbelSoftmaxAlign({.temperature = 0.7}).forward(e, mask, {.generator = &second}).weights;
  CHECK(test::same_bits(soft.value(), wanted));
  backward(soft, cotangent);
  const Tensor gradient = e.grad();
  e.set_grad({});
  const Variable hard =
      nn::GumbelSoftmaxAlign({.temperature = 0.7, .hard = true}).forward(e, mask, {.generator = &third}).weights;
  const test::Array one = test::to_array(hard.value()), y = test::to_array(wanted);
  for (const test::Index& at : test::indices({2, 3})) {
    double largest = 0;
    for (std::int64_t s = 0; s < 4; ++s) largest = std::max(largest, y[{at[0], at[1], s}]);
    for (std::int64_t s = 0; s < 4; ++s)
      CHECK(one[{at[0], at[1], s}] == (largest > 0 && y[{at[0], at[1], s}] == largest ? 1 : 0));
  }
  backward(hard, cotangent);
  CHECK(test::same_bits(e.grad(), gradient));  // straight through
  CHECK(test::same_bits(nn::GumbelSoftmaxAlign().forward(e, mask, {}).weights.value(), softmax(e.value(), mask)));
  CHECK(nn::GumbelSoftmaxAlign({.hard = true}).forward(Variable(zeros({1, 2, 0})), {}, {}).weights.shape() ==
        Shape{1, 2, 0});
  CHECK_THROWS_AS(nn::GumbelSoftmaxAlign({.temperature = 0}), Error);
}

TEST_CASE("a score of -inf has Gumbel weight and gradient 0", "[nn][attention]") {
  const double infinity = std::numeric_limits<double>::infinity();
  const Variable e(f64({0.5, -infinity, 1}, {1, 1, 3}), true);
  for (const bool hard : {false, true}) {
    Generator generator(2);
    const Variable y =
        nn::GumbelSoftmaxAlign({.temperature = 0.5, .hard = hard}).forward(e, {}, {.generator = &generator}).weights;
    e.set_grad({});
    backward(y, f64({1, 2, 4}, {1, 1, 3}));
    CHECK(test::to_array(y.value())[{0, 0, 1}] == 0);
    CHECK(test::to_array(e.grad())[{0, 0, 1}] == 0);
    CHECK(std::isfinite(norm(e.grad())));
  }
}

TEST_CASE("50,000 draws are distributed as the softmax: Gumbel and hard", "[nn][attention]") {
  const Tensor e = f64({0, 1, -1, 0.5, 2, -0.3}, {1, 1, 6});
  const Variable scores(expand(e, {50, 1000, 6}).contiguous());
  Generator generator(3);
  const Tensor p = softmax(e);
  const Tensor gumbel =
      nn::GumbelSoftmaxAlign({.hard = true}).forward(scores, {}, {.generator = &generator}).weights.value();
  CHECK(chi_square(gumbel, p, 50000) < least_likely_of_1000);
  const Tensor hard = nn::HardAlign().forward(scores, {}, {.generator = &generator}).weights.value();
  CHECK(chi_square(hard, p, 50000) < least_likely_of_1000);
}

TEST_CASE("temperature: near 0 one key, at 100 all alike", "[nn][attention]") {
  const Variable e(zeros({1, 10000, 8}, DType::f64));
  Generator generator(4);
  const auto largest = [&](double temperature) {
    return max(
        nn::GumbelSoftmaxAlign({.temperature = temperature}).forward(e, {}, {.generator = &generator}).weights.value(),
        2);
  };
  // The two largest of equal scores are an exponential draw apart, and 0.999 of the weight goes to the first where that
  // is above about τ·ln 999: in e^-0.069 = 93.3 % of all rows (systems.md, N-04, says 99 %).
  int sharp = 0;
  for (double w : test::to_array(largest(0.01)).numbers) sharp += w > 0.999 ? 1 : 0;
  CHECK(std::abs(sharp / 10000.0 - 0.933) < 0.01);
  CHECK(max(abs(largest(100) - 0.125)).item() < 0.02);
}

TEST_CASE("hard attention draws one allowed key and says how likely it was", "[nn][attention]") {
  test::Numbers numbers(5);
  const Variable e(numbers.uniform({2, 3, 4}));
  const Tensor mask = tensor({1, 0, 1, 1, 0, 0, 0, 0}, {2, 1, 4}, DType::boolean);
  Generator generator(5);
  const nn::AlignOutput found = nn::HardAlign().forward(e, mask, {.generator = &generator});
  CHECK(!found.weights.requires_grad());
  const test::Array one = test::to_array(found.weights.value()), p = test::to_array(softmax(e.value(), mask)),
                    log_p = test::to_array(found.log_probability.value()), h = test::to_array(found.entropy.value());
  for (const test::Index& at : test::indices({2, 3})) {
    double total = 0, chosen = 0, entropy = 0;
    for (std::int64_t s = 0; s < 4; ++s) {
      const test::Index key{at[0], at[1], s};
      total += one[key];
      chosen += one[key] * p[key];
      if (p[key] > 0) entropy -= p[key] * std::log(p[key]);
    }
    CHECK(total == (at[0] == 0 ? 1 : 0));
    CHECK(std::abs(log_p[at] - (at[0] == 0 ? std::log(chosen) : 0)) < 1e-13);
    CHECK(std::abs(h[at] - entropy) < 1e-13);
  }
  const Tensor likeliest = nn::HardAlign().forward(Variable(f64({1, 3, 2}, {1, 1, 3})), {}, {}).weights.value();
  CHECK(test::same_bits(likeliest, f64({0, 1, 0}, {1, 1, 3})));
  CHECK(nn::HardAlign().forward(Variable(zeros({1, 2, 0})), {}, {}).weights.shape() == Shape{1, 2, 0});
}

TEST_CASE("hard attention with a soft share takes whole examples as their expectation", "[nn][attention]") {
  constexpr std::int64_t examples = 2000;
  test::Numbers numbers(8);
  const Variable e(numbers.uniform({examples, 2, 4}), true);
  const Tensor mask = numbers.mask({examples, 1, 4}, 0.8), cotangent = numbers.uniform({examples, 2, 4});
  Generator generator(8);
  const nn::AlignOutput found = nn::HardAlign(0.25).forward(e, mask, {.generator = &generator});
  const Variable weights = softmax(e, mask);
  const test::Array one = test::to_array(found.weights.value()), p = test::to_array(weights.value()),
                    log_p = test::to_array(found.log_probability.value()), allowed = test::to_array(mask);
  Tensor is_soft = zeros({examples, 1, 1}, DType::f64);
  double several = 0, soft = 0;  // examples of which the two cases can be told apart
  for (std::int64_t b = 0; b < examples; ++b) {
    double keys = 0;
    for (std::int64_t s = 0; s < 4; ++s) keys += allowed[{b, 0, s}];
    if (keys < 2) continue;
    ++several;
    const bool first = log_p[{b, 0}] == 0;
    CHECK((log_p[{b, 1}] == 0) == first);  // all queries of an example
    is_soft.mutable_data<double>()[b] = first;
    soft += first;
    for (const test::Index& at : test::indices({2, 4})) {
      const test::Index here{b, at[0], at[1]};
      if (first) CHECK(one[here] == p[here]);
      if (!first)
        CHECK((one[here] == 0 || (one[here] == 1 && std::abs(log_p[{b, at[0]}] - std::log(p[here])) < 1e-13)));
    }
  }
  CHECK(std::abs(soft / several - 0.25) < 0.03);  // three standard deviations
  // the gradient of the weights reaches the scores of soft examples only
  backward(found.weights, cotangent);
  const Tensor through = e.grad();
  e.set_grad({});
  backward(weights * Variable(is_soft), cotangent);
  CHECK(far(through, e.grad()) == "");
  CHECK(max(abs(through)).item() > 0.1);

  const nn::AlignOutput all = nn::HardAlign(1).forward(e, mask, {.generator = &generator});
  CHECK(test::same_bits(all.weights.value(), weights.value()));
  const nn::AlignOutput likeliest = nn::HardAlign(1).forward(e, mask, {});  // nothing is drawn
  CHECK(test::same_bits(likeliest.weights.value(), nn::HardAlign().forward(e, mask, {}).weights.value()));
  CHECK(test::refused<Error>([] { nn::HardAlign(1.5); }) ==
        "hard align: soft_share is 1.5, expected 0 <= soft_share <= 1");
}

TEST_CASE("the exact gradient of two keys of reward 1 and 0 is a quarter", "[nn][attention]") {
  const Variable e(zeros({1, 1, 2}, DType::f64), true);
  backward(sum(nn::expected_reward(e, {}, f64({1, 0}, {1, 1, 2}))));
  CHECK(test::same_bits(e.grad(), f64({0.25, -0.25}, {1, 1, 2})));
}

TEST_CASE("20,000 REINFORCE estimates have the exact gradient as their mean, a baseline less variance",
          "[nn][attention]") {
  constexpr std::int64_t draws = 20000, keys = 4;
  const Tensor logits = f64({0.2, -0.5, 1, 0.1}, {1, 1, keys}), rewards = f64({3, 5, 4, 2.5}, {1, 1, keys});
  const Variable exact_of(logits, true);
  backward(sum(nn::expected_reward(exact_of, {}, rewards)));
  double variance[2] = {0, 0};
  for (const bool with_baseline : {false, true}) {
    Generator generator(6);
    const Variable e(expand(logits, {draws, 1, keys}).contiguous(), true);
    const nn::AlignOutput found = nn::HardAlign().forward(e, {}, {.generator = &generator});
    const Tensor reward = sum(found.weights.value() * rewards, 2);
    nn::MovingAverageBaseline baseline;
    for (int i = 0; with_baseline && i < 200; ++i) baseline.update(slice(reward, 0, i * 100, i * 100 + 100));
    backward(nn::reinforce_loss(found.log_probability, reward, baseline.value()));
    const test::Array each = test::to_array(e.grad() * static_cast<double>(-draws)),
                      exact = test::to_array(exact_of.grad());
    for (std::int64_t s = 0; s < keys; ++s) {
      double total = 0, squares = 0;
      for (std::int64_t i = 0; i < draws; ++i) {
        total += each[{i, 0, s}];
        squares += each[{i, 0, s}] * each[{i, 0, s}];
      }
      const double mean = total / draws, spread = squares / draws - mean * mean;
      CHECK(std::abs(mean - exact[{0, 0, s}]) < 4 * std::sqrt(spread / draws));
      variance[with_baseline ? 1 : 0] += spread;
    }
  }
  CHECK(variance[1] <= 0.5 * variance[0]);
}

TEST_CASE("the policy's loss trains neither what gives the reward nor the baseline", "[nn][attention]") {
  const Variable e(f64({0.2, -0.5, 1}, {1, 1, 3}), true), weight(f64({2}, {1}), true), base(f64({1}, {1}), true);
  const nn::AlignOutput found = nn::HardAlign().forward(e, {}, {});
  const Variable reward = reshape(weight * 3, {1, 1});
  backward(nn::reinforce_loss(found.log_probability, reward.value(), base.item()));
  CHECK(e.grad().defined());
  CHECK(!weight.grad().defined());
  CHECK(!base.grad().defined());
  // the sign: a key that was better than expected becomes likelier under gradient descent
  CHECK(test::to_array(e.grad())[{0, 0, 2}] < 0);
  CHECK(test::refused<ShapeError>([&] { nn::reinforce_loss(found.log_probability, zeros({2}, DType::f64)); }) ==
        "reinforce_loss: log_probability [1, 1], reward [2]: expected one shape");

  nn::MovingAverageBaseline baseline(0.5);
  baseline.update(f64({2, 4}, {2}));
  baseline.update(f64({1}, {1}));
  CHECK(baseline.value() == 1.25);
  CHECK_THROWS_AS(nn::MovingAverageBaseline(0), Error);
}
