// Softmax rows. T is float or double. `allowed` is null (all allowed) or n flags; entries not allowed are never read as
// numbers: they get exactly 0 (softmax) or -inf (log_softmax), and a row with none allowed is all 0 (softmax), all -inf
// (log_softmax). The maximum is subtracted first, so ±1e4 is safe. A NaN among the allowed entries makes every allowed
// result NaN. y may be the same row as x.
#pragma once

#include <cstddef>

namespace heed::kernels {

/// y[i] = exp(x[i] - max) / Σ exp(x[j] - max).
template <class T>
void softmax(const T* x, const bool* allowed, T* y, std::size_t n);

/// dx[i] = y[i] · (dy[i] - Σ y[j]·dy[j]); exactly 0 where y[i] is 0 (dy there may be anything, NaN included).
template <class T>
void softmax_backward(const T* y, const T* dy, T* dx, std::size_t n);

/// y[i] = x[i] - max - log Σ exp(x[j] - max).
template <class T>
void log_softmax(const T* x, const bool* allowed, T* y, std::size_t n);

/// log Σ exp(x[i]) as two numbers to be added: in one, the smaller part would lose its digits to a large maximum.
template <class T>
struct LogSumExp {
  T max, rest;  ///< rest = log Σ exp(x[i] - max); 0 when max is infinite (-inf for n = 0) or NaN
};
template <class T>
LogSumExp<T> log_sum_exp(const T* x, std::size_t n);

/// dx[i] = factor · exp(x[i] - shift.max - shift.rest): with shift = log_sum_exp(x) that is factor · softmax(x)[i].
template <class T>
void scaled_exp(T factor, LogSumExp<T> shift, const T* x, T* dx, std::size_t n);

}  // namespace heed::kernels
