// Softmax of tensor/ops/softmax.h, recorded, along the last axis. The mask is a Tensor: it has no gradient.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/softmax.h"

namespace heed {

/// dx = y∘(dy - Σ y∘dy); saves y. Masked entries get exactly 0.
Variable softmax(const Variable& x, const Tensor& mask = {});

/// What softmax fuses: exp(x - max) over its sum, masked entries replaced before and after.
Variable softmax_definition(const Variable& x, const Tensor& mask = {});

/// dx = dy - softmax(x)·Σ dy, sums over the allowed entries; saves y. Masked entries get exactly 0.
Variable log_softmax(const Variable& x, const Tensor& mask = {});

}  // namespace heed
