// Reductions of tensor/ops/reduce.h, recorded.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {

Variable sum(const Variable& x, const Axes& axes = {}, bool keepdim = false);   ///< dx = dy repeated
Variable mean(const Variable& x, const Axes& axes = {}, bool keepdim = false);  ///< dx = dy repeated, over the count

/// dx = dy at the largest element, shared equally where several are; saves x and y.
Variable max(const Variable& x, const Axes& axes = {}, bool keepdim = false);

Variable sum_to(const Variable& x, const Shape& shape);  ///< dx = dy repeated

}  // namespace heed
