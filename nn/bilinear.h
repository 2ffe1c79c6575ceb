// Bilinear layer.
#pragma once

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// y_k = x1ᵀ·W_k·x2 + b_k: x1 [.., in1], x2 [.., in2] -> y [.., out]. Parameters as in torch.nn.Bilinear: weight [out,
/// in1, in2], bias [out], both drawn from U(-1/√in1, 1/√in1).
struct Bilinear {
  struct Config {
    std::int64_t in1 = 0, in2 = 0, out = 0;
    bool bias = true;
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive.
  Bilinear(const Config& config, const ParameterSource& source);

  /// ShapeError unless x1 and x2 differ in their last axis only and have in1 and in2 there.
  Variable forward(const Variable& x1, const Variable& x2) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
};

}  // namespace heed::nn
