// Matrix products of tensor/ops/matmul.h, recorded.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/matmul.h"

namespace heed {

/// y = a·b. da = dy·bᵀ, db = aᵀ·dy, summed over the axes along which a or b was repeated; saves a if b needs a gradient
/// and b if a does.
Variable matmul(const Variable& a, const Variable& b);

/// y = x·wᵀ + bias (bias may be undefined). dx = dy·w, dw = dyᵀ·x, dbias = dy summed over rows; saves x and weight.
Variable linear(const Variable& x, const Variable& weight, const Variable& bias);
inline Variable linear(const Variable& x, const Variable& weight) { return linear(x, weight, no_bias); }

/// What linear fuses: matmul(x, weightᵀ) + bias.
Variable linear_definition(const Variable& x, const Variable& weight, const Variable& bias);

}  // namespace heed
