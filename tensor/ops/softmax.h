// Softmax and log-softmax: f32 and f64. A mask (bool, true = may be seen, broadcast to x; undefined = everything may
// be) takes entries out before the maximum is taken: they get weight exactly 0 (log: -inf), whatever number stands
// there, and where nothing may be seen along the axis all is 0 (log: all -inf), never NaN.
#pragma once

#include <initializer_list>

#include "heed/tensor/tensor.h"

namespace heed {

/// y_i = exp(x_i - m) / Σ_j exp(x_j - m) along `axis`, m = max over what may be seen. ShapeError, DTypeError;
/// IndexError for an axis outside [-rank, rank).
Tensor softmax(const Tensor& x, int axis = -1, const Tensor& mask = {});
inline Tensor softmax(const Tensor& x, const Tensor& mask) { return softmax(x, -1, mask); }
Tensor softmax(const Tensor& x, std::initializer_list<int>) = delete;  // {} would be axis 0

/// y_i = x_i - m - log Σ_j exp(x_j - m) along `axis`. Errors as above.
Tensor log_softmax(const Tensor& x, int axis = -1, const Tensor& mask = {});
inline Tensor log_softmax(const Tensor& x, const Tensor& mask) { return log_softmax(x, -1, mask); }
Tensor log_softmax(const Tensor& x, std::initializer_list<int>) = delete;

}  // namespace heed
