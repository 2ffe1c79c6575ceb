// Adam (Kingma and Ba 2015).
#pragma once

#include <vector>

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/adam.h"

namespace heed::nn {

/// m = β₁m + (1-β₁)g, v = β₂v + (1-β₂)g², x -= lr·m̂/(√v̂ + ε) with m̂, v̂ corrected for their start at 0: PyTorch's
/// numbers. One fused pass per parameter.
class Adam {
 public:
  using Config = AdamConfig;

  /// GradError unless all parameters are leaves, each there once; ShapeError unless their numbers stand without gaps;
  /// Error when there are none or a setting is out of its range (AdamConfig).
  Adam(std::vector<Variable> parameters, const Config& config);

  /// One update of every parameter that has a gradient. Error when a setting is out of its range: nothing has changed.
  void step();
  void zero_grad();

  Config config;  ///< may be changed between steps

 private:
  struct Moments {
    Tensor first, second;
    std::int64_t steps = 0;
  };
  std::vector<Variable> parameters_;
  std::vector<Moments> moments_;
};

}  // namespace heed::nn
