// The Adam update on tensors, in place, in one pass.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

struct AdamConfig {
  double learning_rate = 1e-3;        ///< finite, not negative
  double beta1 = 0.9, beta2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-8;              ///< finite, positive: a zero gradient is divided by it
};

/// Step number `t` (from 1) along the gradient g, in the order of operations PyTorch uses:
///   m = β₁m + (1-β₁)g    v = β₂v + (1-β₂)g²    x -= lr/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)
/// All four are f32 or all f64, of one shape; x, m and v contiguous and without a number in common, g may share numbers
/// with them and is read first. ShapeError, DTypeError, Error for settings out of their range or t < 1; bumps the
/// versions of x, m and v. Kingma and Ba, 2015.
void adam_update(Tensor& x, Tensor& m, Tensor& v, const Tensor& g, const AdamConfig& config, std::int64_t t);

}  // namespace heed
