// Stochastic gradient descent.
#pragma once

#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// x -= learning_rate·g, or with momentum μ: v = μ·v + g, x -= learning_rate·v (PyTorch's form).
class Sgd {
 public:
  struct Config {
    double learning_rate = 0.01;
    double momentum = 0;
  };

  /// GradError unless all parameters are leaves, ShapeError unless their numbers stand without gaps.
  Sgd(std::vector<Variable> parameters, const Config& config);

  /// One update of every parameter that has a gradient.
  void step();
  void zero_grad();

  Config config;  ///< may be changed between steps

 private:
  std::vector<Variable> parameters_;
  std::vector<Tensor> velocity_;
};

}  // namespace heed::nn
