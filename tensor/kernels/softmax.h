// Softmax rows. `mask` is null (everything may be seen) or n flags, true where an entry may be seen; the others are
// never read as numbers: they get exactly 0 (softmax) or -inf (log_softmax), and a row with none is all 0 (softmax),
// all -inf (log_softmax). The maximum is subtracted first, so ±1e4 is safe. A NaN among the entries seen makes every
// result seen NaN. y may be the same row as x.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct SoftmaxKernels {
  /// y[i] = exp(x[i] - max) / Σ exp(x[j] - max).
  void (*softmax)(const T* x, const bool* mask, T* y, std::size_t n);

  /// dx[i] = y[i] · (dy[i] - Σ y[j]·dy[j]); exactly 0 where y[i] is 0 (dy there may be anything, NaN included).
  void (*backward)(const T* y, const T* dy, T* dx, std::size_t n);

  /// y[i] = x[i] - max - log Σ exp(x[j] - max).
  void (*log_softmax)(const T* x, const bool* mask, T* y, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<SoftmaxKernels> softmax();

}  // namespace heed::kernels
