// Stochastic gradient descent.
#pragma once

#include "heed/nn/optim/optimizer.h"

namespace heed::nn {

/// x -= learning_rate·g, or with momentum μ: v = μ·v + g, x -= learning_rate·v (PyTorch's form).
class Sgd final : public Optimizer {
 public:
  struct Config {
    double learning_rate = 0.01;  ///< finite, not negative
    double momentum = 0;          ///< finite, not negative
  };

  /// Error when a setting is out of its range; errors of Optimizer.
  Sgd(std::vector<Variable> parameters, const Config& config);

  Config config;  ///< may be changed between steps

 private:
  StateDict initial_state(const Tensor& x) const override;
  void update(Tensor& x, const Tensor& gradient, StateDict& state) override;
  void check_settings() const override;
};

}  // namespace heed::nn
