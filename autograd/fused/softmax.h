// Softmax of tensor/ops/softmax.h, recorded. The mask is a Tensor: it has no gradient.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/softmax.h"

namespace heed {

/// dx = y∘(dy - Σ y∘dy), the sum along `axis`; saves y. Masked entries get exactly 0.
Variable softmax(const Variable& x, int axis = -1, const Tensor& mask = {});
inline Variable softmax(const Variable& x, const Tensor& mask) { return softmax(x, -1, mask); }
Variable softmax(const Variable& x, std::initializer_list<int>) = delete;  // {} would be axis 0

/// What softmax fuses: exp(x - max) over its sum, masked entries replaced before and after.
Variable softmax_definition(const Variable& x, int axis = -1, const Tensor& mask = {});

/// dx = dy - softmax(x)·Σ dy, sums over what may be seen along `axis`; saves y. Masked entries get exactly 0.
Variable log_softmax(const Variable& x, int axis = -1, const Tensor& mask = {});
inline Variable log_softmax(const Variable& x, const Tensor& mask) { return log_softmax(x, -1, mask); }
Variable log_softmax(const Variable& x, std::initializer_list<int>) = delete;

/// What log_softmax fuses: x - max less the logarithm of the sum of its exp, masked entries replaced before and after.
Variable log_softmax_definition(const Variable& x, int axis = -1, const Tensor& mask = {});

}  // namespace heed
