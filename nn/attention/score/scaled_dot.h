// Scaled dot-product attention (Vaswani et al. 2017).
#pragma once

#include "heed/nn/attention/score/dot.h"

namespace heed::nn {

/// e = qᵀk/√K: for independent entries of variance 1 qᵀk has the variance K, e has 1, and the softmax is not saturated.
struct ScaledDotScore {
  using Config = DotScore::Config;

  /// ShapeError unless the size is positive.
  ScaledDotScore(const Config& config, const ParameterSource& source) : dot(config, source) {}

  Variable project_keys(const Variable& keys) const { return dot.project_keys(keys); }
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  DotScore dot;
};

using ScaledDotAttention = Attention<ScaledDotScore>;

}  // namespace heed::nn
