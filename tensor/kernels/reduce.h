// Row reductions over contiguous numbers. The order of additions is fixed by n alone, whatever the
// instruction set.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct ReduceKernels {
  /// Σ x[i]; 0 for n = 0.
  T (*sum)(const T* x, std::size_t n);

  /// Σ x[i]²; 0 for n = 0, in double precision.
  double (*sum_of_squares)(const T* x, std::size_t n);

  /// total[i] += x[i], in double precision: for sums over many rows.
  void (*accumulate)(const T* x, double* total, std::size_t n);

  /// max x[i], NaN when any is NaN; -inf for n = 0.
  T (*max)(const T* x, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<ReduceKernels> reduce();

}  // namespace heed::kernels
