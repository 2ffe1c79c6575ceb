// The last part of every attention: from scores to weights to a context (score × align × mask -> attend).
#pragma once

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {

struct AttentionOutput {
  Variable context;  ///< [B, T, D]
  Variable weights;  ///< [B, T, S], what the align gave
};

/// The usual align: softmax over the allowed keys. Each row of weights adds up to 1, or to 0 when it may attend to
/// nothing.
struct SoftmaxAlign {
  /// scores [B, T, S], mask bool, broadcast to [B, T, S] -> weights [B, T, S].
  static Variable forward(const Variable& scores, const Tensor& mask) { return softmax(scores, mask); }

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

/// weights = align(scores [B, T, S], mask), context = weights·values, for values that mask_padding() has seen. Mask:
/// bool, true = may be attended, broadcast to [B, T, S]; undefined = everything. For S = 0 the context is 0. ShapeError
/// unless scores [B, T, S] and values [B, S, D] fit.
template <class Align = SoftmaxAlign>
AttentionOutput attend(const Variable& scores, const Tensor& mask, const Variable& values, const Align& align = {}) {
  check_shapes("attend", {{"scores", scores.value(), "B T S"}, {"values", values.value(), "B S D"}});
  const Variable weights = align.forward(scores, mask);  // [B, T, S]
  return {matmul(weights, values), weights};             // [B, T, D]
}

}  // namespace heed::nn
