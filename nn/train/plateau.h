// Plateau: the learning rate falls when a metric no longer improves.
#pragma once

#include <cstdint>

#include "heed/nn/state_dict.h"

namespace heed::nn {

/// observe(metric), once an epoch, gives the factor by which the base rate is multiplied from then on. It begins at 1
/// and is multiplied by `factor` when the metric has not improved in more than `patience` epochs in a row (PyTorch:
/// ReduceLROnPlateau, threshold_mode rel). patience 2, factor 0.1, a metric that stays: 1, 1, 1, .1, .1, .1, .01.
///
///   const double factor = plateau.observe(validation_loss);
///   adam.config().learning_rate = 1e-3 * factor;
///
/// Improved: less than best - threshold·|best|, or with `larger_is_better` more than best + threshold·|best|. The first
/// metric has improved; NaN never has.
class Plateau {
 public:
  struct Config {
    double factor = 0.1;            ///< 0 <= factor < 1
    std::int64_t patience = 10;     ///< epochs, not negative
    double threshold = 1e-4;        ///< finite, not negative
    bool larger_is_better = false;  ///< an accuracy, say
    std::int64_t cooldown = 0;      ///< epochs after a fall that are not counted, not negative
    double least = 0;               ///< the factor does not fall below it; 0 <= least <= 1
  };

  /// Error when a setting is out of its range.
  explicit Plateau(const Config& config);

  double observe(double metric);
  double factor() const { return factor_; }

  /// best, factor: 0-d f64; num_bad_epochs, cooldown_counter, larger_is_better (0 or 1): 0-d i64. `best` is infinite
  /// before the first metric.
  StateDict state_dict() const;

  /// Goes on where state_dict() was taken, under the settings given here, which may be others but for the direction.
  /// FormatError that names what is missing, unexpected or out of its range; nothing has changed then.
  void load_state_dict(const StateDict& state);

 private:
  bool improves(double metric) const;

  Config config_;
  double best_, factor_ = 1;
  std::int64_t bad_epochs_ = 0, cooldown_left_ = 0;
};

}  // namespace heed::nn
