// Linear layer.
#pragma once

#include "heed/autograd/ops/matmul.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// y = x·Wᵀ + b: x [.., in] -> y [.., out]. Parameters as in torch.nn.Linear: weight [out, in], bias [out], both drawn
/// from U(-1/√in, 1/√in).
struct Linear {
  struct Config {
    std::int64_t in = 0, out = 0;
    bool bias = true;
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive.
  Linear(const Config& config, const ParameterSource& source);

  Variable forward(const Variable& x) const { return linear(x, weight, bias); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
};

}  // namespace heed::nn
