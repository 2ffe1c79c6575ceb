// Which positions of a padded batch are real. A mask is boolean, true = may be read.
#pragma once

#include <span>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// Where a mask may be given: none, everything may be read.
inline const Tensor no_mask;

/// True where a position lies within its example's length: [B, 1, size] bool, a mask of keys.
Tensor length_mask(std::span<const std::int64_t> lengths, std::int64_t size);

/// True for the examples that still have a token at time t: [B, 1] bool.
Tensor step_mask(std::span<const std::int64_t> lengths, std::int64_t t);

/// x [B, S, D] with 0 where the mask [B, 1, S] is false: whatever stands there (NaN included) reaches neither a result
/// nor, by way of 0·NaN, a gradient. An undefined mask changes nothing. ShapeError for other shapes: a mask that
/// differs from query to query hides no position.
Variable mask_padding(const Variable& x, const Tensor& mask);

/// The same beyond each example's length: x itself when all examples are S long, or `lengths` is empty.
Variable mask_padding(const Variable& x, std::span<const std::int64_t> lengths);

}  // namespace heed::nn
