// Layer normalisation as a module.
#pragma once

#include "heed/autograd/fused/layer_norm.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// y = (x - mean)/√(variance + epsilon)∘weight + bias over the last axes of x [.., normalized_shape] (Ba, Kiros and
/// Hinton 2016). Parameters as in torch.nn.LayerNorm: weight of ones and bias of zeros, both of normalized_shape.
struct LayerNorm {
  struct Config {
    Shape normalized_shape = {};     ///< {H}, or the sizes of several last axes
    double epsilon = 1e-5;           ///< finite, not negative
    bool elementwise_affine = true;  ///< false: neither weight nor bias
    bool bias = true;                ///< false: no bias
    DType dtype = DType::f32;
  };

  /// ShapeError unless there is an axis and all sizes are positive; Error for epsilon.
  LayerNorm(const Config& config, const ParameterSource& source);

  Variable forward(const Variable& x) const { return layer_norm(x, normalized_shape, weight, bias, epsilon); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
  Shape normalized_shape;
  double epsilon;
};

}  // namespace heed::nn
