// Additive attention scores (Bahdanau, Cho and Bengio 2015), fused: the [B, T, S, A] table of tanh is never stored.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// e[b, t, s] = Σ_a v[a]·tanh(q[b, t, a] + k[b, s, a]): q [B, T, A], k [B, S, A], v [A] -> [B, T, S]. f32 and f64, one
/// dtype. ShapeError when B or A differ.
Tensor additive_score(const Tensor& q, const Tensor& k, const Tensor& v);

struct AdditiveScoreGradient {
  Tensor q, k, v;
};

/// The gradients of all three, given that of the scores, de [B, T, S]. Errors as above.
AdditiveScoreGradient additive_score_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& de);

}  // namespace heed
