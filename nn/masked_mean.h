// The mean of a padded sequence.
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

/// The mean over the positions that the mask [B, 1, S] allows, 0 where it allows none: x [B, S, D] -> [B, 1, D]. An
/// undefined mask allows all. What stands elsewhere reaches nothing, NaN included. ShapeError.
Variable masked_mean(const Variable& x, const Tensor& mask);

}  // namespace heed::nn
