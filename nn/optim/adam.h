// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019).
#pragma once

#include "heed/nn/optim/groups.h"

namespace heed::nn {

struct AdamConfig {
  double learning_rate = 1e-3;        ///< finite, not negative
  double beta1 = 0.9, beta2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-8;              ///< finite, positive: a zero gradient is divided by it
  double weight_decay = 0;            ///< finite, not negative; goes through the moments: g + weight_decay·x
};

/// Step t (from 1) of a parameter x along its gradient g, which is PyTorch's to rounding:
///   m = β₁m + (1-β₁)g    v = β₂v + (1-β₂)g²    x -= lr/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)
/// Each parameter counts its own steps. Remembered: exp_avg (m), exp_avg_sq (v).
class Adam final : public GroupedOptimizer<Adam, AdamConfig> {
 public:
  using GroupedOptimizer::GroupedOptimizer;

 private:
  friend GroupedOptimizer;
  static constexpr std::string_view name = "adam";
  static void check(const Config& config, const SettingCheck& check);
  static Memories remembered(const Config& config);
  static void change(const Config& config, const Update& one);
};

struct AdamWConfig {
  double learning_rate = 1e-3;        ///< finite, not negative
  double beta1 = 0.9, beta2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-8;              ///< finite, positive
  double weight_decay = 0.01;         ///< finite, not negative; decoupled from the moments
};

/// Adam whose decay stays out of the moments: x *= 1 - lr·weight_decay, then Adam's step.
class AdamW final : public GroupedOptimizer<AdamW, AdamWConfig> {
 public:
  using GroupedOptimizer::GroupedOptimizer;

 private:
  friend GroupedOptimizer;
  static constexpr std::string_view name = "adamw";
  static void check(const Config& config, const SettingCheck& check);
  static Memories remembered(const Config& config);
  static void change(const Config& config, const Update& one);
};

}  // namespace heed::nn
