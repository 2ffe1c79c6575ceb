// Additive attention scores e = Σ_a v[a]·tanh(q[a] + k[a]) for one query and one key, A numbers each (Bahdanau et al.
// 2015). The tanh is computed again in the backward pass rather than stored.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct AdditiveScoreKernels {
  /// Σ_a v[a]·tanh(q[a] + k[a]).
  T (*forward)(const T* q, const T* k, const T* v, std::size_t n);

  /// With t = tanh(q + k): dq += de·v∘(1 - t²), dk += the same, dv += de·t. A null pointer: not wanted.
  void (*backward)(T de, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<AdditiveScoreKernels> additive_score();

}  // namespace heed::kernels
