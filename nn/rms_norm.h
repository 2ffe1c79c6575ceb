// Normalisation by the root mean square as a module.
#pragma once

#include "heed/autograd/fused/layer_norm.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// y = x/√(mean of x² + epsilon)∘weight over the last axes of x [.., normalized_shape] (Zhang and Sennrich 2019).
/// Parameter as in torch.nn.RMSNorm: weight of ones, of normalized_shape.
struct RmsNorm {
  struct Config {
    Shape normalized_shape = {};         ///< {H}, or the sizes of several last axes
    std::optional<double> epsilon = {};  ///< finite, not negative; without one that of the input's dtype
    bool elementwise_affine = true;      ///< false: no weight
    DType dtype = DType::f32;
  };

  /// ShapeError unless there is an axis and all sizes are positive; Error for epsilon.
  RmsNorm(const Config& config, const ParameterSource& source);

  Variable forward(const Variable& x) const { return rms_norm(x, normalized_shape, weight, epsilon); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
  Shape normalized_shape;
  std::optional<double> epsilon;
};

}  // namespace heed::nn
