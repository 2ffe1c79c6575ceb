// The one file that calls BLAS (any CBLAS; OpenBLAS by default). Every call runs on the calling thread: heed's own
// tiles are the parallelism, because a BLAS that threads by itself gives other bits for other thread counts.
#pragma once

#include <cstdint>

#include "heed/tensor/internal/openblas.h"

namespace heed {

/// A row-major matrix as BLAS sees it: row i starts at data + i·stride; `transposed` swaps the roles of rows and
/// columns.
template <class T>
struct MatrixView {
  const T* data;
  std::int64_t stride;
  bool transposed;
};

/// ShapeError when one of the sizes, or a stride, exceeds what BLAS can count (31 bits). gemm asks this itself; callers
/// ask before they copy or allocate anything.
void check_blas_sizes(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t stride);

/// c [m, n] = a [m, k] · b [k, n] + beta·c, where row i of c starts at c + i·c_stride. With beta 0, c is not read. T is
/// float or double; k must be positive. To be called while a OneBlasThread lives. Any number of threads may call: those
/// that OpenBLAS has no work buffers for wait. ShapeError as above.
template <class T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, const MatrixView<T>& a, const MatrixView<T>& b, T beta, T* c,
          std::int64_t c_stride);

}  // namespace heed
