// Reductions of tensor/reduce.h, recorded.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/reduce.h"

namespace heed {

Variable sum(const Variable& x, const Axes& axes = {}, bool keep_axes = false);   ///< dx = dy repeated
Variable mean(const Variable& x, const Axes& axes = {}, bool keep_axes = false);  ///< dx = dy repeated, over the count

/// dx = dy at the largest element, shared equally where several are; saves x and y.
Variable max(const Variable& x, const Axes& axes = {}, bool keep_axes = false);

Variable sum_to(const Variable& x, const Shape& shape);  ///< dx = dy repeated

}  // namespace heed
