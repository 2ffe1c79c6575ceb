// Attention pooling: one learned query reads a sequence once (Yang et al. 2016, equations 5 to 7).
#pragma once

#include "heed/nn/attention/attend.h"
#include "heed/nn/linear.h"

namespace heed::nn {

struct PoolingOutput {
  Variable context;  ///< [B, D]
  Variable weights;  ///< [B, S]
};

/// context = Σ_s w_s·x_s with w = softmax_s(vᵀ tanh(W x_s + b)): of the inputs themselves, not of their projections.
/// Parameters: projection.weight W [A, D] and projection.bias b [A], drawn as a Linear's; v [A] from N(0, 0.05²).
/// v = 0 is mean pooling.
struct AttentionPooling {
  struct Config {
    std::int64_t input = 0, hidden = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless input and hidden are positive.
  AttentionPooling(const Config& config, const ParameterSource& source);

  /// x [B, S, D], mask [B, 1, S] bool, true = may be read, undefined = everything. An example with nothing to read
  /// gives 0, and so do the weights and gradients of what may not be read, whatever stands there. ShapeError.
  PoolingOutput forward(const Variable& x, const Tensor& mask = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("projection", self.projection);
    visitor("v", self.v);
  }

  Linear projection;
  Parameter v;
};

}  // namespace heed::nn
