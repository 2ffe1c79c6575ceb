// The general functions that change a tensor's numbers in place. Each bumps the version of the storage it changes, and
// refuses with a ShapeError a target that repeats its elements (expand makes such views).
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// Every element of y becomes `value`, converted to y's dtype (tensor/dtype.h: convert).
void fill(Tensor& y, double value);

/// y's numbers become x's. Any strides on both sides, x converted to y's dtype; ShapeError unless the shapes are equal.
/// The two must not overlap unless they are the same view.
void copy_from(Tensor& y, const Tensor& x);

/// y += factor·x for f32 and f64. The two must not overlap unless they are the same view. ShapeError unless the shapes
/// are equal, DTypeError unless the dtypes are.
void add_scaled(Tensor& y, const Tensor& x, double factor = 1);

}  // namespace heed
