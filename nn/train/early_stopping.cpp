#include "heed/nn/train/early_stopping.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "heed/nn/internal/saved_values.h"
#include "heed/tensor/error.h"

namespace heed::nn {

EarlyStopping::EarlyStopping(const Config& config)
    : config_(config),
      best_(config.lower_is_better ? std::numeric_limits<double>::infinity()
                                   : -std::numeric_limits<double>::infinity()) {
  if (config.patience < 1)
    throw Error(fmt::format("EarlyStopping: patience is {}, expected 1 or more", config.patience));
  if (!std::isfinite(config.min_delta) || config.min_delta < 0)
    throw Error(
        fmt::format("EarlyStopping: min_delta is {}, expected a finite number that is not negative", config.min_delta));
}

bool EarlyStopping::update(double value) {
  const bool better = config_.lower_is_better ? value < best_ - config_.min_delta : value > best_ + config_.min_delta;
  ++evaluations_;
  ++bad_;
  if (!better) return false;  // what is no number is never better
  best_ = value;
  best_at_ = evaluations_;
  bad_ = 0;
  return true;
}

StateDict EarlyStopping::state_dict() const {
  return {{"lower_is_better", saved_integer(config_.lower_is_better)},
          {"best", saved_number(best_)},
          {"best_evaluation", saved_integer(best_at_)},
          {"evaluations", saved_integer(evaluations_)},
          {"bad_evaluations", saved_integer(bad_)}};
}

void EarlyStopping::load_state_dict(const StateDict& state) {
  const SavedValues saved("EarlyStopping", state,
                          {"lower_is_better", "best", "best_evaluation", "evaluations", "bad_evaluations"});
  saved.check_equal("lower_is_better", config_.lower_is_better);
  const std::int64_t evaluations = saved.integer("evaluations", 0, std::numeric_limits<std::int64_t>::max() - 1);
  const std::int64_t best_at = saved.integer("best_evaluation", 0, evaluations);
  const std::int64_t bad = saved.integer("bad_evaluations", evaluations - best_at, evaluations - best_at);
  const double best = saved.number("best");
  const double worst = EarlyStopping(config_).best();
  if (std::isnan(best) || (best_at == 0) != (best == worst))
    throw FormatError(fmt::format("EarlyStopping: load_state_dict: best is {} at evaluation {}", best, best_at));
  best_ = best;
  best_at_ = best_at;
  evaluations_ = evaluations;
  bad_ = bad;
}

}  // namespace heed::nn
