// Schedules: values worked out by hand, and that each is a function of the step alone. PyTorch's: tests/parity.
#include "heed/nn/train/schedule.h"

#include <cmath>
#include <limits>
#include <vector>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

namespace {

template <class Schedule>
void check(const Schedule& schedule, const std::vector<double>& wanted) {
  for (std::size_t step = wanted.size(); step-- > 0;) {  // in any order: nothing is remembered (trap O9)
    CAPTURE(step);
    CHECK(schedule(static_cast<std::int64_t>(step)) == Approx(wanted[step]).epsilon(1e-12).margin(1e-15));
  }
}

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a step decay multiplies now and then", "[nn][schedule]") {
  check(nn::StepDecay{.every = 3, .factor = 0.5}, {1, 1, 1, .5, .5, .5, .25, .25, .25, .125});
  check(nn::StepDecay{.every = 1}, {1, .1, .01, .001});
}

TEST_CASE("a cosine falls to 0 and stays there (trap O9)", "[nn][schedule]") {
  const nn::Cosine cosine{.steps = 10};
  CHECK(cosine(0) == 1);
  CHECK(cosine(4) == Approx(.654508).margin(1e-6));
  CHECK(cosine(5) == .5);
  CHECK(cosine(10) == 0);
  CHECK(cosine(1'000'000) == 0);
  check(nn::Cosine{.steps = 2, .last = 0.5}, {1, .75, .5, .5});
}

TEST_CASE("a linear decay falls in equal steps", "[nn][schedule]") {
  check(nn::LinearDecay{.steps = 4}, {1, .75, .5, .25, 0, 0});
  check(nn::LinearDecay{.steps = 2, .last = 0.2}, {1, .6, .2, .2});
  CHECK(nn::LinearDecay{.steps = 3, .last = 0.1}(3) == 0.1);
}

TEST_CASE("the Transformer's schedule rises and falls as 1/sqrt(t)", "[nn][schedule]") {
  check(nn::InverseSquareRoot{.warm_up = 4}, {.25, .5, .75, 1, std::sqrt(.8)});
  CHECK(nn::InverseSquareRoot{.warm_up = 4}(15) == .5);
  const double d = 512, warm_up = 4000, base = 1 / std::sqrt(d * warm_up);  // the paper's form
  for (const std::int64_t step : {0, 17, 3998, 3999, 4000, 100'000}) {
    const double t = static_cast<double>(step) + 1;
    const double paper = std::pow(d, -0.5) * std::min(std::pow(t, -0.5), t * std::pow(warm_up, -1.5));
    CHECK(base * nn::InverseSquareRoot{.warm_up = 4000}(step) == Approx(paper).epsilon(1e-12));
  }
}

TEST_CASE("one cycle rises once and falls below its beginning", "[nn][schedule]") {
  const nn::OneCycle cycle{.steps = 10};
  CHECK(cycle(0) == Approx(.04));
  CHECK(cycle(1) == Approx(.52));
  CHECK(cycle(2) == 1);
  CHECK(cycle(9) == Approx(4e-6).epsilon(1e-9));
  CHECK(cycle(10) == cycle(9));
  CHECK(nn::OneCycle{.steps = 10, .rise = 0}(9) == Approx(4e-6).epsilon(1e-9));
  CHECK(nn::OneCycle{.steps = 10, .rise = 1}(9) == 1);
  for (const double rise : {0.0, 0.5, 1.0}) CHECK(std::isfinite(nn::OneCycle{.steps = 1, .rise = rise}(0)));
}

TEST_CASE("a warm-up begins above 0, reaches the base rate and goes on with any schedule (trap O10)",
          "[nn][schedule]") {
  check(nn::WarmUp<>{.steps = 4}, {.25, .5, .75, 1, 1, 1});
  CHECK(nn::WarmUp<>{.steps = 4}(3) == 1);
  const nn::WarmUp warm{.steps = 4, .then = nn::Cosine{.steps = 10}};
  check(warm, {.25, .5, .75, 1, 1});
  for (std::int64_t step = 0; step < 12; ++step) CHECK(warm(step + 4) == nn::Cosine{.steps = 10}(step));
  check(nn::WarmUp{.steps = 2, .then = nn::StepDecay{.every = 2}}, {.5, 1, 1, 1, .1, .1});
  const nn::WarmUp none{.steps = 0, .then = nn::LinearDecay{.steps = 2}};
  check(none, {1, .5, 0});
}

TEST_CASE("schedules refuse settings without a meaning and steps before the first", "[nn][schedule]") {
  CHECK(test::refused<Error>([] { nn::Cosine{.steps = 0}(0); }) == "cosine: steps is 0, expected at least 1");
  CHECK(test::refused<Error>([] { nn::Cosine{.steps = 5}(-1); }) == "cosine: step is -1, expected at least 0");
  CHECK(test::refused<Error>([] { nn::Cosine{.steps = 5, .last = no_number}(1); }) ==
        "cosine: last is nan, expected a finite number that is not negative");
  CHECK(test::refused<Error>([] { nn::StepDecay{.every = 0}(1); }) == "step decay: every is 0, expected at least 1");
  CHECK_THROWS_AS((nn::StepDecay{.every = 1, .factor = -1}(1)), Error);
  CHECK_THROWS_AS(nn::StepDecay{.every = 1}(-1), Error);
  CHECK_THROWS_AS(nn::LinearDecay{.steps = 0}(1), Error);
  CHECK_THROWS_AS((nn::LinearDecay{.steps = 3, .last = -0.5}(1)), Error);
  CHECK_THROWS_AS(nn::InverseSquareRoot{.warm_up = 0}(1), Error);
  CHECK_THROWS_AS(nn::OneCycle{.steps = 0}(1), Error);
  CHECK(test::refused<Error>([] { nn::OneCycle{.steps = 5, .rise = 1.5}(0); }) ==
        "one cycle: rise is 1.5, expected 0 <= rise <= 1");
  CHECK_THROWS_AS((nn::OneCycle{.steps = 5, .rise = no_number}(0)), Error);
  CHECK_THROWS_AS((nn::OneCycle{.steps = 5, .first = -1}(0)), Error);
  CHECK_THROWS_AS(nn::WarmUp<>{.steps = -1}(0), Error);
  CHECK_THROWS_AS(nn::WarmUp<>{.steps = 1}(-1), Error);
  CHECK_THROWS_AS(nn::Constant{}(-1), Error);
}
