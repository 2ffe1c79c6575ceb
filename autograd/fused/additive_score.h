// Additive attention scores of tensor/ops/additive_score.h, recorded.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/additive_score.h"

namespace heed {

/// e[b, t, s] = Σ_a v[a]·tanh(q[b, t, a] + k[b, s, a]). Saves q, k and v; the tanh is computed again going back.
Variable additive_score(const Variable& q, const Variable& k, const Variable& v);

/// What it fuses: tanh of the broadcast sum, times v.
Variable additive_score_definition(const Variable& q, const Variable& k, const Variable& v);

}  // namespace heed
