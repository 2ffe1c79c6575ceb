// Indexing of tensor/ops/index.h, recorded. Indices are Tensors: they have no gradient.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/index.h"

namespace heed {

/// dx = zeros with dy added at the selected slices (index_add).
Variable index_select(const Variable& x, int axis, const Tensor& indices);

/// dx = dy, dsource = the selected slices of dy.
Variable index_add(const Variable& x, int axis, const Tensor& indices, const Variable& source);

/// dx = zeros with dy added at the gathered indices (scatter_add).
Variable gather(const Variable& x, int axis, const Tensor& indices);

/// dx = dy, dsource = dy gathered.
Variable scatter_add(const Variable& x, int axis, const Tensor& indices, const Variable& source);

}  // namespace heed
