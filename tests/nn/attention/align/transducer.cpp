// The transducer's lattice against all of its paths.
#include "heed/nn/attention/align/transducer.h"

#include <cmath>
#include <functional>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;

namespace {

using Lengths = std::vector<std::int64_t>;

// The probability of every path of one example, added up.
double all_paths(const test::Array& log_p, const test::Array& targets, std::int64_t b, std::int64_t steps,
                 std::int64_t labels, std::int64_t blank, int* count = nullptr) {
  const std::function<double(std::int64_t, std::int64_t)> from = [&](std::int64_t t, std::int64_t u) -> double {
    double p = 0;
    const double by_blank = std::exp(log_p[{b, t, u, blank}]);
    if (t == steps - 1 && u == labels) {
      if (count != nullptr) ++*count;
      return by_blank;
    }
    if (t < steps - 1) p += by_blank * from(t + 1, u);
    if (u < labels) p += std::exp(log_p[{b, t, u, static_cast<std::int64_t>(targets[{b, u}])}]) * from(t, u + 1);
    return p;
  };
  return from(0, 0);
}

Tensor log_probabilities(test::Numbers& numbers, const Shape& shape) { return log_softmax(numbers.uniform(shape)); }

}  // namespace

TEST_CASE("the transducer adds up every monotonic path", "[nn][attention]") {
  test::Numbers numbers(1);
  for (std::int64_t steps = 1; steps <= 4; ++steps)
    for (std::int64_t labels = 0; labels <= 4; ++labels) {
      CAPTURE(steps, labels);
      const Tensor log_p = log_probabilities(numbers, {2, steps, labels + 1, 3});
      Tensor targets = zeros({2, labels}, DType::i64);
      for (std::int64_t i = 0; i < 2 * labels; ++i) targets.mutable_data<std::int64_t>()[i] = 1 + i % 2;
      const test::Array p = test::to_array(log_p), y = test::to_array(targets);
      const test::Array found = test::to_array(nn::transducer_log_likelihood(Variable(log_p), targets).value());
      int count = 0, wanted_count = 1;
      for (std::int64_t b = 0; b < 2; ++b)
        CHECK(std::abs(found[{b}] - std::log(all_paths(p, y, b, steps, labels, 0, &count))) < 1e-12);
      for (std::int64_t i = 1; i <= labels; ++i)
        wanted_count = wanted_count * static_cast<int>(steps - 1 + i) / static_cast<int>(i);
      CHECK(count == 2 * wanted_count);  // C(S + U - 1, U)
    }
}

TEST_CASE("the transducer's gradient is that of its differences, mixed lengths too", "[nn][attention]") {
  test::Numbers numbers(2);
  const Tensor log_p = log_probabilities(numbers, {3, 4, 4, 3});
  const Tensor targets = tensor({2, 0, 2, 0, 0, 0, 2, 2, 0}, {3, 3}, DType::i64);
  const Lengths sources{4, 2, 1}, lengths{3, 1, 2};
  const auto run = [&](const std::vector<Variable>& x) {
    return nn::transducer_log_likelihood(x[0], targets, 1, sources, lengths);
  };
  CHECK(gradcheck(run, {log_p}) == "");

  // a batch equals its examples alone, and what lies beyond the lengths does not matter
  const Tensor batch = run({Variable(log_p)}).value();
  Tensor garbage = log_p.clone();
  for (std::int64_t b = 0; b < 3; ++b) {
    Tensor one = select(garbage, 0, b);
    Tensor late = slice(one, 0, sources[to_size(b)], to_end), low = slice(one, 1, lengths[to_size(b)] + 1, to_end);
    fill(late, std::numeric_limits<double>::quiet_NaN());
    fill(low, std::numeric_limits<double>::quiet_NaN());
    const Variable alone(
        slice(slice(slice(log_p, 0, b, b + 1), 1, 0, sources[to_size(b)]), 2, 0, lengths[to_size(b)] + 1));
    const Tensor single =
        nn::transducer_log_likelihood(alone, slice(slice(targets, 0, b, b + 1), 1, 0, lengths[to_size(b)]), 1).value();
    CHECK(std::abs(test::to_array(single)[{0}] - test::to_array(batch)[{b}]) < 1e-13);
  }
  const Variable x(garbage, true);
  const Variable found = run({x});
  CHECK(test::same_bits(found.value(), batch));
  backward(sum(found));
  CHECK(std::isfinite(norm(x.grad())));
  // every path has one blank for each source position of its example
  CHECK(std::abs(sum(select(x.grad(), 3, 1)).item() - 7) < 1e-12);
}

TEST_CASE("a transducer whose paths are impossible has likelihood 0 and gradients that are numbers",
          "[nn][attention]") {
  Tensor log_p = log_softmax(zeros({1, 2, 2, 3}, DType::f64));
  Tensor label = select(log_p, 3, 2);
  fill(label, -std::numeric_limits<double>::infinity());
  const Variable x(log_p, true);
  const Variable none = nn::transducer_log_likelihood(x, tensor({2}, {1, 1}, DType::i64));
  CHECK(none.item() == -std::numeric_limits<double>::infinity());
  backward(sum(none));
  CHECK(std::isfinite(norm(x.grad())));
}

TEST_CASE("the transducer refuses what does not fit", "[nn][attention]") {
  const Variable x(zeros({2, 3, 4, 5}));
  const Tensor targets = zeros({2, 3}, DType::i64);
  const auto message = [&](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(message([&] { nn::transducer_log_likelihood(x, zeros({2, 4}, DType::i64)); }) ==
        "transducer: log_probabilities [2, 3, 4, 5], targets [2, 4]: expected [B, S, U + 1, V], [B, U], S > 0");
  CHECK(message([&] { nn::transducer_log_likelihood(x, targets, 0, Lengths{3}); }) ==
        "transducer: 1 source_lengths, expected 2");
  CHECK(message([&] { nn::transducer_log_likelihood(x, targets, 0, Lengths{3, 0}); }) ==
        "transducer: source_lengths has 0, expected 1 to 3");
  CHECK(message([&] { nn::transducer_log_likelihood(x, targets, 0, {}, Lengths{3, 4}); }) ==
        "transducer: target_lengths has 4, expected 0 to 3");
  CHECK(test::refused<IndexError>([&] { nn::transducer_log_likelihood(x, targets, 5); }) ==
        "transducer: blank is 5, of 5 classes");
  CHECK_THROWS_AS(nn::transducer_log_likelihood(x, full({2, 3}, 5, DType::i64)), IndexError);
  CHECK_THROWS_AS(nn::transducer_log_likelihood(x, zeros({2, 3})), DTypeError);
}
