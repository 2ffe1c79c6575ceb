// Softmax and log-softmax along the last axis: f32 and f64. A mask (bool, true = allowed, broadcast to x; undefined =
// everything is allowed) takes entries out before the maximum is taken: they get weight exactly 0 (log: -inf), whatever
// number stands there, and a row with nothing allowed is all 0 (log: all -inf), never NaN.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// y_i = exp(x_i - m) / Σ_j exp(x_j - m), m = max over the allowed.
Tensor softmax(const Tensor& x, const Tensor& mask = {});

/// dx = y∘(dy - Σ y∘dy); exactly 0 where y is 0.
Tensor softmax_backward(const Tensor& y, const Tensor& dy);

/// y_i = x_i - m - log Σ_j exp(x_j - m).
Tensor log_softmax(const Tensor& x, const Tensor& mask = {});

}  // namespace heed
