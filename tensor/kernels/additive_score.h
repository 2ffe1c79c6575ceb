// Additive attention scores e = Σ_a v[a]·tanh(q[a] + k[a]) for one query and one key, A numbers each (Bahdanau et al.
// 2015). T is float or double. The tanh is computed again in the backward pass rather than stored.
#pragma once

#include <cstddef>

namespace heed::kernels {

/// Σ_a v[a]·tanh(q[a] + k[a]).
template <class T>
T additive_score(const T* q, const T* k, const T* v, std::size_t n);

/// With t = tanh(q + k): dq += de·v∘(1 - t²), dk += the same, dv += de·t.
template <class T>
void additive_score_backward(T de, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv, std::size_t n);

}  // namespace heed::kernels
