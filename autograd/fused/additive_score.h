// Additive attention scores (Bahdanau, Cho and Bengio 2015), fused: the [B, T, S, A] table of tanh is never stored.
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

/// e[b, t, s] = Σ_a v[a]·tanh(q[b, t, a] + k[b, s, a]): q [B, T, A], k [B, S, A], v [A] -> [B, T, S], f32 or f64, one
/// dtype. Saves q, k and v; backward computes the tanh again. ShapeError, DTypeError.
Variable additive_score(const Variable& q, const Variable& k, const Variable& v);

/// What it fuses: tanh of the broadcast sum, times v.
Variable additive_score_definition(const Variable& q, const Variable& k, const Variable& v);

}  // namespace heed
