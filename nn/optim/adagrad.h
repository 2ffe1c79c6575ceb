// Adagrad (Duchi, Hazan and Singer 2011).
#pragma once

#include "heed/nn/optim/groups.h"

namespace heed::nn {

struct AdagradConfig {
  double learning_rate = 0.01;           ///< finite, not negative
  double lr_decay = 0;                   ///< finite, not negative
  double weight_decay = 0;               ///< finite, not negative: g + weight_decay·x
  double initial_accumulator_value = 0;  ///< finite, not negative: what s begins with
  double epsilon = 1e-10;                ///< finite, positive
};

/// Step t (from 1) of a parameter x along its gradient g, which is PyTorch's to rounding:
///   s += g²    x -= lr/(1 + (t-1)·lr_decay) · g / (√s + ε)
/// Remembered: sum (s).
class Adagrad final : public GroupedOptimizer<Adagrad, AdagradConfig> {
 public:
  using GroupedOptimizer::GroupedOptimizer;

 private:
  friend GroupedOptimizer;
  static constexpr std::string_view name = "adagrad";
  static void check(const Config& config, const SettingCheck& check);
  static Memories remembered(const Config& config);
  static void change(const Config& config, const Update& one);
};

}  // namespace heed::nn
