// A vector times a matrix, over contiguous rows. The order of additions follows from the sizes alone, whatever the
// instruction set and the stride and wherever in memory the numbers begin; BLAS's own gemv rounds differently with all
// three.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct VectorProductKernels {
  /// y[j·y_step] = Σ x[p]·b[p·stride + j] + beta·y[j·y_step] for j < n, the sum over p < k. With beta 0, y is not read.
  void (*row_times_matrix)(const T* x, const T* b, std::size_t stride, std::size_t k, std::size_t n, T beta, T* y,
                           std::size_t y_step);

  /// y[i·y_step] = Σ a[i·stride + p]·x[p] + beta·y[i·y_step] for i < m, the sum over p < k. With beta 0, y is not read.
  void (*matrix_times_column)(const T* a, std::size_t stride, const T* x, std::size_t m, std::size_t k, T beta, T* y,
                              std::size_t y_step);
};

/// The functions of the instruction set in use.
Tables<VectorProductKernels> vector_product();

}  // namespace heed::kernels
