// Alignment that is written down, not learned: two cursors move together through source and target, the first idea
// before soft attention (Bahdanau's letter to Karpathy, 2024; Flashlight pretrains with such a window).
#pragma once

#include "heed/nn/attention/align_queries.h"

namespace heed::nn {

/// Query t of T looks at m = t·S/T, S the length of its source without padding: all weight at ⌊m⌋, or, for a deviation
/// above 0, softmax of -(s - m)²/2·deviation² over the allowed keys. Scores are not looked at. T is
/// AttentionCall::target_length.
struct DiagonalAlign {
  static constexpr bool ignores_scores = true;

  /// Error for a deviation that is negative or not finite.
  explicit DiagonalAlign(double deviation);
  DiagonalAlign() : DiagonalAlign(0) {}

  Tensor window(const AlignQueries& queries) const;
  AlignOutput forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const;

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  double deviation;
};

}  // namespace heed::nn
