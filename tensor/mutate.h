// The general functions that change a tensor's elements in place. Each bumps the version of the storage it changes, and
// refuses with a ShapeError a target of which two elements share an address (expand makes such views).
#pragma once

#include "heed/tensor/scalar.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// Every element of y becomes `value`, converted to y's dtype (tensor/dtype.h: convert).
void fill(Tensor& y, Scalar value);

/// y's numbers become x's. Any strides on both sides, x converted to y's dtype; ShapeError unless the shapes are equal.
/// Where the two overlap, x's numbers are those from before the call.
void copy_from(Tensor& y, const Tensor& x);

/// y += factor·x for f32 and f64. Where the two overlap, x's numbers are those from before the call. ShapeError unless
/// the shapes are equal, DTypeError unless the dtypes are.
void add_scaled(Tensor& y, const Tensor& x, double factor = 1);

}  // namespace heed
