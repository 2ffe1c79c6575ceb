// RMSprop (Hinton's lecture 6e, 2012), also centered (Graves 2013).
#pragma once

#include "heed/nn/optim/groups.h"

namespace heed::nn {

struct RmsPropConfig {
  double learning_rate = 0.01;  ///< finite, not negative
  double alpha = 0.99;          ///< in [0, 1)
  double epsilon = 1e-8;        ///< finite, positive
  double momentum = 0;          ///< finite, not negative
  double weight_decay = 0;      ///< finite, not negative: g + weight_decay·x
  bool centered = false;        ///< divides by the deviation of the gradients instead of their size
};

/// A step of a parameter x along its gradient g, which is PyTorch's to rounding:
///   v = αv + (1-α)g²    d = √v + ε; centered: m += (1-α)(g-m), d = √max(0, v-m²) + ε
///   x -= lr·g/d; with momentum μ: b = μb + g/d, x -= lr·b
/// Remembered: square_avg (v); grad_avg (m) where centered; momentum_buffer (b) where there is a momentum.
class RmsProp final : public GroupedOptimizer<RmsProp, RmsPropConfig> {
 public:
  using GroupedOptimizer::GroupedOptimizer;

 private:
  friend GroupedOptimizer;
  static constexpr std::string_view name = "rms_prop";
  static void check(const Config& config, const SettingCheck& check);
  static Memories remembered(const Config& config);
  static void change(const Config& config, const Update& one);
};

}  // namespace heed::nn
