// Stochastic gradient descent.
#pragma once

#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// x -= learning_rate·g, or with momentum μ: v = μ·v + g, x -= learning_rate·v (PyTorch's form).
class Sgd {
 public:
  struct Config {
    double learning_rate = 0.01;  ///< finite, not negative
    double momentum = 0;          ///< finite, not negative
  };

  /// GradError unless all parameters are leaves, each there once; ShapeError unless their numbers stand without gaps;
  /// Error when there are none or a setting is out of its range.
  Sgd(std::vector<Variable> parameters, const Config& config);

  /// One update of every parameter that has a gradient. Error when a setting is out of its range: nothing has changed.
  void step();
  void zero_grad();

  Config config;  ///< may be changed between steps

 private:
  std::vector<Variable> parameters_;
  std::vector<Tensor> velocity_;
};

}  // namespace heed::nn
