// The last part of every attention: from scores to weights to a context (score × align × mask -> attend).
#pragma once

#include "heed/nn/mask.h"

namespace heed::nn {

struct AttentionOutput {
  Variable context;  ///< [B, T, D]
  Variable weights;  ///< [B, T, S]; each row adds up to 1, or to 0 when it may attend to nothing
};

/// weights = softmax of scores [B, T, S] over the allowed keys, context = weights·values, for values that
/// mask_padding() has seen. Mask: bool, true = may be attended, broadcast to [B, T, S]; undefined = everything. For S =
/// 0 the context is 0. ShapeError unless scores [B, T, S] and values [B, S, D] fit.
AttentionOutput attend(const Variable& scores, const Tensor& mask, const Variable& values);

}  // namespace heed::nn
