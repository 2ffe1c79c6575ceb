// Row reductions over contiguous numbers. T is float or double. The order of additions is fixed by n alone.
#pragma once

#include <cstddef>

namespace heed::kernels {

/// Σ x[i]; 0 for n = 0.
template <class T>
T sum(const T* x, std::size_t n);

/// Σ x[i]²; 0 for n = 0, in double precision.
template <class T>
double sum_of_squares(const T* x, std::size_t n);

/// total[i] += x[i], in double precision: for sums over many rows.
template <class T>
void accumulate(const T* x, double* total, std::size_t n);

/// max x[i], NaN when any is NaN; -inf for n = 0.
template <class T>
T max(const T* x, std::size_t n);

}  // namespace heed::kernels
