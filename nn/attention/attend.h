// The last part of every attention: from scores to weights to a context (score × align × mask -> attend).
#pragma once

#include <span>

#include "heed/autograd/variable.h"

namespace heed::nn {

struct AttentionOutput {
  Variable context;  ///< [B, T, D]
  Variable weights;  ///< [B, T, S]; each row adds up to 1, or to 0 when it may attend to nothing
};

/// True where a key lies within its example's length: [B, 1, size] bool.
Tensor length_mask(std::span<const std::int64_t> lengths, std::int64_t size);

/// values (or keys) [B, S, D] with 0 where the mask [B, 1, S] forbids, so that whatever stands there (NaN included)
/// cannot reach a context: 0·NaN is NaN. Done once per source; an undefined mask changes nothing. ShapeError for other
/// shapes: a mask that differs from query to query hides nothing here and is for attend() alone.
Variable hide(const Variable& values, const Tensor& mask);

/// weights = softmax of scores [B, T, S] over the allowed keys, context = weights·values, for values that hide() has
/// seen. Mask: bool, true = may be attended, broadcast to [B, T, S]; undefined = everything. For S = 0 the context is
/// 0. ShapeError unless scores [B, T, S] and values [B, S, D] fit.
AttentionOutput attend(const Variable& scores, const Tensor& mask, const Variable& values);

}  // namespace heed::nn
