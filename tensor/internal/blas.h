// The one seam to BLAS (any CBLAS; OpenBLAS by default). Every call runs on the calling thread: heed's own tiles are
// the parallelism, because a BLAS that threads by itself gives other bits for other thread counts. What the program has
// set for its own calls comes back afterwards.
#pragma once

#include <cstdint>

#include "heed/tensor/runtime.h"

namespace heed {

/// A row-major matrix as BLAS sees it: row i starts at data + i·stride; `transposed` swaps the roles of rows and
/// columns.
template <class T>
struct MatrixView {
  const T* data;
  std::int64_t stride;
  bool transposed;
};

/// While one lives, OpenBLAS runs each call on the thread that calls; when the last is gone, the program's own
/// openblas_set_num_threads holds again. The count belongs to the process, so products that the program asks of
/// OpenBLAS itself meanwhile run on one thread too, and a count it sets meanwhile is taken over by heed's products.
class OneBlasThread {
 public:
  OneBlasThread();
  ~OneBlasThread();
  OneBlasThread(const OneBlasThread&) = delete;
  OneBlasThread& operator=(const OneBlasThread&) = delete;
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
