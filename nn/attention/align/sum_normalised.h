// Sum normalisation without exp (the survey of Brauwers and Frasincar 2022; linear attention divides so).
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

/// a_s = f_s/Σ f over the allowed keys, for scores f that are not negative: exp(qᵀk) gives softmax, φ(q)ᵀφ(k)
/// (score/elu_dot.h) linear attention. A row whose scores are all 0 has weights 0.
struct SumNormalisedAlign {
  static constexpr bool divides_by_sum = true;

  /// scores [B, T, S], mask bool, broadcast to [B, T, S] -> weights [B, T, S]. Error for a negative score that may be
  /// attended: weights would lie outside [0, 1].
  static Variable forward(const Variable& scores, const Tensor& mask);

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
