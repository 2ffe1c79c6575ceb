// The best value and the patience, through a resume as without one.
#include "heed/nn/train/early_stopping.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/safetensors.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::nn;
using test::refused;

namespace {

const double not_a_number = std::nan(""), infinity = std::numeric_limits<double>::infinity();

EarlyStopping resumed(const EarlyStopping& saved, const EarlyStopping::Config& config = {}) {
  EarlyStopping fresh(config);
  fresh.load_state_dict(parse_safetensors(serialize_safetensors({saved.state_dict(), {}}), "state").tensors);
  return fresh;
}

}  // namespace

TEST_CASE("early stopping: better is lower, or higher, by more than min_delta", "[nn][train]") {
  EarlyStopping loss({.patience = 2, .min_delta = 0.1}), score({.patience = 2, .lower_is_better = false});
  CHECK_FALSE(loss.has_best());
  CHECK(loss.best() == infinity);
  CHECK(loss.update(1.0));
  CHECK_FALSE(loss.update(0.95));
  CHECK_FALSE(loss.stop());
  CHECK(loss.update(0.5));
  CHECK(loss.best() == 0.5);
  CHECK(loss.best_evaluation() == 3);
  CHECK_FALSE(loss.update(0.5));
  CHECK_FALSE(loss.update(0.6));
  CHECK(loss.stop());
  CHECK(score.update(0.2));
  CHECK(score.update(0.3));
  CHECK_FALSE(score.update(0.3));
}

TEST_CASE("early stopping: NaN and infinity are never the best", "[nn][train]") {  // trap C3
  for (const bool lower : {true, false}) {
    EarlyStopping stopping({.patience = 3, .lower_is_better = lower});
    CHECK_FALSE(stopping.update(not_a_number));
    CHECK_FALSE(stopping.update(lower ? infinity : -infinity));
    CHECK_FALSE(stopping.has_best());
    CHECK(stopping.update(0.5));
    CHECK_FALSE(stopping.update(not_a_number));
    CHECK(stopping.best() == 0.5);
    CHECK(stopping.bad_evaluations() == 1);
  }
}

TEST_CASE("early stopping: the best so far and the bad ones in a row survive a resume", "[nn][train]") {  // trap C3
  EarlyStopping first({.patience = 5});
  CHECK(first.update(0.5));
  EarlyStopping second = resumed(first, {.patience = 5});
  CHECK(second.best() == 0.5);
  CHECK_FALSE(second.update(0.7));  // the best file stays as it is
  CHECK_FALSE(second.update(0.7));
  CHECK_FALSE(second.update(0.7));
  EarlyStopping third = resumed(second, {.patience = 5});  // 3 of 5 bad: 2 more
  CHECK_FALSE(third.stop());
  third.update(0.8);
  CHECK_FALSE(third.stop());
  third.update(0.8);
  CHECK(third.stop());
  CHECK(third.best_evaluation() == 1);
  CHECK(third.evaluations() == 6);
  const EarlyStopping none = resumed(EarlyStopping({}));
  CHECK_FALSE(none.has_best());
}

TEST_CASE("early stopping: refuses states that do not fit each other, and stays as it was", "[nn][train]") {
  EarlyStopping stopping({});
  stopping.update(0.5);
  stopping.update(0.6);
  const auto refusal = [&](const std::string& name, const Tensor& value) {
    StateDict state = stopping.state_dict();
    state[name] = value;
    return refused<FormatError>([&] { stopping.load_state_dict(state); });
  };
  const auto count = [](std::int64_t n) { return full({}, n, DType::i64); };
  const std::string who = "EarlyStopping: load_state_dict: ";
  CHECK(refusal("best_evaluation", count(3)) == who + "best_evaluation is 3, outside [0, 2]");
  CHECK(refusal("bad_evaluations", count(2)) == who + "bad_evaluations is 2, outside [1, 1]");
  CHECK(refusal("evaluations", count(-1)).starts_with(who + "evaluations is -1, outside"));
  CHECK(refusal("best", full({}, not_a_number, DType::f64)) == who + "best is nan at evaluation 1");
  CHECK(refusal("best", full({}, infinity, DType::f64)) == who + "best is inf at evaluation 1");
  CHECK(refusal("best", full({}, 0.5)) == who + "best is not one f64 number");
  CHECK(refusal("lower_is_better", count(0)).starts_with(who + "lower_is_better was 0, is 1 now"));
  CHECK(refusal("more", count(1)) == who + "missing [], unexpected [more]");
  CHECK(stopping.best() == 0.5);
  CHECK(stopping.bad_evaluations() == 1);
  CHECK(refused<Error>([] { EarlyStopping({.patience = 0}); }) == "EarlyStopping: patience is 0, expected 1 or more");
  CHECK_THROWS_AS(EarlyStopping({.min_delta = not_a_number}), Error);
}
