// Adam (Kingma and Ba 2015).
#pragma once

#include "heed/nn/optim/optimizer.h"

namespace heed::nn {

/// Step t (from 1) of a parameter x along its gradient g, in the order of operations PyTorch uses:
///   m = β₁m + (1-β₁)g    v = β₂v + (1-β₂)g²    x -= lr/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)
/// One fused pass per parameter. Each parameter counts its own steps.
class Adam final : public Optimizer {
 public:
  struct Config {
    double learning_rate = 1e-3;        ///< finite, not negative
    double beta1 = 0.9, beta2 = 0.999;  ///< in [0, 1)
    double epsilon = 1e-8;              ///< finite, positive: a zero gradient is divided by it
  };

  /// Error when a setting is out of its range; errors of Optimizer.
  Adam(std::vector<Variable> parameters, const Config& config);

  Config config;  ///< may be changed between steps

 private:
  StateDict initial_state(const Tensor& x) const override;
  void update(Tensor& x, const Tensor& gradient, StateDict& state) override;
  void check_settings() const override;
};

}  // namespace heed::nn
