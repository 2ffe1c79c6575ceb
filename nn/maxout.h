// Maxout (Goodfellow et al. 2013): the largest of each group of neighbours.
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

/// y_j = max(x_pj, …, x_pj+p-1) for groups of p = `pieces`: x [.., p·n] -> y [.., n]. Equal numbers share the gradient
/// equally; saves x and y.
/// ShapeError when the last axis is not a multiple of p.
Variable maxout(const Variable& x, std::int64_t pieces = 2);

}  // namespace heed::nn
