// Adadelta (Zeiler 2012).
#pragma once

#include "heed/nn/optim/groups.h"

namespace heed::nn {

struct AdadeltaConfig {
  double learning_rate = 1;  ///< finite, not negative; the paper has none, which is 1
  double rho = 0.9;          ///< in [0, 1)
  double epsilon = 1e-6;     ///< finite, positive
  double weight_decay = 0;   ///< finite, not negative: g + weight_decay·x
};

/// A step of a parameter x along its gradient g, which is PyTorch's to rounding:
///   v = ρv + (1-ρ)g²    δ = √(u+ε)/√(v+ε) · g    u = ρu + (1-ρ)δ²    x -= lr·δ
/// Remembered: square_avg (v), acc_delta (u).
class Adadelta final : public GroupedOptimizer<Adadelta, AdadeltaConfig> {
 public:
  using GroupedOptimizer::GroupedOptimizer;

 private:
  friend GroupedOptimizer;
  static constexpr std::string_view name = "adadelta";
  static void check(const Config& config, const SettingCheck& check);
  static Memories remembered(const Config& config);
  static void change(const Config& config, const Update& one);
};

}  // namespace heed::nn
