#include "heed/tensor/internal/blas.h"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "heed/tensor/error.h"

namespace heed {
namespace {

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

void call_gemm(int m, int n, int k, const MatrixView<float>& a, const MatrixView<float>& b, float beta, float* c,
               int stride) {
  cblas_sgemm(CblasRowMajor, flag(a.transposed), flag(b.transposed), m, n, k, 1.0f, a.data, static_cast<int>(a.stride),
              b.data, static_cast<int>(b.stride), beta, c, stride);
}
void call_gemm(int m, int n, int k, const MatrixView<double>& a, const MatrixView<double>& b, double beta, double* c,
               int stride) {
  cblas_dgemm(CblasRowMajor, flag(a.transposed), flag(b.transposed), m, n, k, 1.0, a.data, static_cast<int>(a.stride),
              b.data, static_cast<int>(b.stride), beta, c, stride);
}

}  // namespace

void check_blas_sizes(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t stride) {
  const std::int64_t largest = std::max({m, n, k, stride});
  if (largest > std::numeric_limits<int>::max())
    throw ShapeError(fmt::format(
        "matmul: BLAS counts to 2^31 - 1, a size or stride is {} (product [{}, {}] · [{}, {}])", largest, m, k, k, n));
}

template <class T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, const MatrixView<T>& a, const MatrixView<T>& b, T beta, T* c,
          std::int64_t c_stride) {
  check_blas_sizes(m, n, k, std::max({a.stride, b.stride, c_stride}));
  call_blas([&] {
    call_gemm(static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), a, b, beta, c, static_cast<int>(c_stride));
  });
}
template void gemm(std::int64_t, std::int64_t, std::int64_t, const MatrixView<float>&, const MatrixView<float>&, float,
                   float*, std::int64_t);
template void gemm(std::int64_t, std::int64_t, std::int64_t, const MatrixView<double>&, const MatrixView<double>&,
                   double, double*, std::int64_t);

}  // namespace heed
