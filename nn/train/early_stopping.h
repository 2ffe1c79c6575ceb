// EarlyStopping: which evaluation was the best one, and when to stop waiting for a better one.
//
//   if (stopping.update(valid_loss)) save(model);
//   if (stopping.stop()) break;
#pragma once

#include <cstdint>

#include "heed/nn/state_dict.h"

namespace heed::nn {

class EarlyStopping {
 public:
  struct Config {
    std::int64_t patience = 10;   ///< evaluations in a row without a better one after which stop() is true
    bool lower_is_better = true;  ///< false for accuracies and scores
    double min_delta = 0;         ///< by how much a value must be better than the best so far to be better
  };

  /// Error unless patience is positive and min_delta finite and not negative.
  explicit EarlyStopping(const Config& config);

  /// True when `value` is the best so far: then is the time to keep the model. NaN never is.
  bool update(double value);

  bool stop() const { return bad_ >= config_.patience; }
  bool has_best() const { return best_at_ > 0; }
  double best() const { return best_; }                      ///< the worst there can be while there is none
  std::int64_t best_evaluation() const { return best_at_; }  ///< from 1; 0 while there is none
  std::int64_t evaluations() const { return evaluations_; }
  std::int64_t bad_evaluations() const { return bad_; }  ///< in a row

  /// "best" (f64), "best_evaluation", "evaluations", "bad_evaluations" and "lower_is_better", 0 or 1 (i64), all 0-d.
  StateDict state_dict() const;
  /// Goes on where state_dict() was taken; the settings are those given here. FormatError, with nothing changed, for
  /// values that do not fit each other, and for another direction, in which the best is none.
  void load_state_dict(const StateDict& state);

 private:
  Config config_;
  double best_;
  std::int64_t best_at_ = 0, evaluations_ = 0, bad_ = 0;
};

}  // namespace heed::nn
