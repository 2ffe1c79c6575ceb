// log Σ exp of a row and its gradient: what a cross-entropy needs of a softmax. The maximum is subtracted first, so
// ±1e4 is safe.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

/// log Σ exp(x[i]) as two numbers to be added: in one, the smaller part would lose its digits to a large maximum.
template <class T>
struct LogSumExp {
  T max, rest;  ///< rest = log Σ exp(x[i] - max); 0 when max is infinite (-inf for n = 0) or NaN
};

template <class T>
struct LogSumExpKernels {
  LogSumExp<T> (*log_sum_exp)(const T* x, std::size_t n);

  /// dx[i] = factor · exp(x[i] - shift.max - shift.rest): with shift = log_sum_exp(x) that is factor · softmax(x)[i].
  void (*scaled_exp)(T factor, LogSumExp<T> shift, const T* x, T* dx, std::size_t n);

  /// Σ (max - x[i]).
  T (*sum_below)(T max, const T* x, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<LogSumExpKernels> log_sum_exp();

}  // namespace heed::kernels
