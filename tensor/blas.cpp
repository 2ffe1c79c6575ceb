#include "heed/tensor/blas.h"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <string_view>

#include "heed/tensor/error.h"

// Only OpenBLAS has these; another CBLAS leaves them null.
extern "C" {
[[gnu::weak]] void openblas_set_num_threads(int);
[[gnu::weak]] int openblas_get_parallel();  // 0: serial, 1: its own threads, 2: OpenMP
[[gnu::weak]] char* openblas_get_config();
[[gnu::weak]] char* openblas_get_corename();
[[gnu::weak]] void gotoblas_dynamic_quit();
[[gnu::weak]] void gotoblas_dynamic_init();
[[gnu::weak]] void omp_set_num_threads(int);
[[gnu::weak]] int omp_get_max_threads();
}

namespace heed {
namespace {

// An OpenBLAS that finds an Intel processor newer than itself in no table of its falls back to Prescott's kernels, a
// third of the speed (0.3.21 on Emerald Rapids). Naming the kernels and having them chosen anew mends that; a choice of
// the user's own is left alone. Why this way: docs/choices/blas-core.md.
void choose_core() {
#if defined(__x86_64__)
  if (!openblas_get_corename || !gotoblas_dynamic_quit || !gotoblas_dynamic_init || std::getenv("OPENBLAS_CORETYPE"))
    return;
  if (std::string_view(openblas_get_corename()) != "Prescott") return;
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx2) return;
  setenv("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell", 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
#endif
}

// Runs before main.
const bool ready = [] {
  choose_core();
  if (openblas_set_num_threads) openblas_set_num_threads(1);
  return true;
}();

// A serial OpenBLAS (openblas_get_parallel() is 0) shares its work buffers between callers without a lock: on Debian 13
// whole products come out wrong. Its calls go one at a time.
std::mutex one_at_a_time;
std::unique_lock<std::mutex> lock_if_serial() {
  static const bool serial = openblas_get_parallel && openblas_get_parallel() == 0;
  return serial ? std::unique_lock(one_at_a_time) : std::unique_lock<std::mutex>();
}

// An OpenBLAS built on OpenMP takes as many threads as OpenMP would in the thread that calls: one, while this lives.
class OneOpenMpThread {
 public:
  OneOpenMpThread() : before_(uses_openmp() ? omp_get_max_threads() : 1) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneOpenMpThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneOpenMpThread(const OneOpenMpThread&) = delete;
  OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
  static bool uses_openmp() {
    static const bool result =
        openblas_get_parallel && openblas_get_parallel() == 2 && omp_set_num_threads && omp_get_max_threads;
    return result;
  }
  int before_;
};

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

void call_gemm(int m, int n, int k, const Panel<float>& a, const Panel<float>& b, float beta, float* c, int stride) {
  cblas_sgemm(CblasRowMajor, flag(a.transposed), flag(b.transposed), m, n, k, 1.0f, a.data, static_cast<int>(a.stride),
              b.data, static_cast<int>(b.stride), beta, c, stride);
}
void call_gemm(int m, int n, int k, const Panel<double>& a, const Panel<double>& b, double beta, double* c,
               int stride) {
  cblas_dgemm(CblasRowMajor, flag(a.transposed), flag(b.transposed), m, n, k, 1.0, a.data, static_cast<int>(a.stride),
              b.data, static_cast<int>(b.stride), beta, c, stride);
}
void call_gemv(bool transposed, int rows, int columns, const float* a, int stride, const float* x, int x_step,
               float beta, float* y, int y_step) {
  cblas_sgemv(CblasRowMajor, flag(transposed), rows, columns, 1.0f, a, stride, x, x_step, beta, y, y_step);
}
void call_gemv(bool transposed, int rows, int columns, const double* a, int stride, const double* x, int x_step,
               double beta, double* y, int y_step) {
  cblas_dgemv(CblasRowMajor, flag(transposed), rows, columns, 1.0, a, stride, x, x_step, beta, y, y_step);
}

}  // namespace

void require_countable(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t stride) {
  const std::int64_t largest = std::max({m, n, k, stride});
  if (largest > std::numeric_limits<int>::max())
    throw ShapeError(fmt::format(
        "matmul: BLAS counts to 2^31 - 1, a size or stride is {} (product [{}, {}] · [{}, {}])", largest, m, k, k, n));
}

template <class T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, const Panel<T>& a, const Panel<T>& b, T beta, T* c,
          std::int64_t c_stride) {
  require_countable(m, n, k, std::max({a.stride, b.stride, c_stride}));
  const int rows = static_cast<int>(m), columns = static_cast<int>(n), inner = static_cast<int>(k);
  const int a_stride = static_cast<int>(a.stride), b_stride = static_cast<int>(b.stride);
  const int stride = static_cast<int>(c_stride);
  const auto lock = lock_if_serial();
  const OneOpenMpThread one_thread;
  // A single row or column is a matrix-vector product, which gemm would first repack.
  if (m == 1) {
    const bool flip = !b.transposed;  // cᵀ = bᵀ·aᵀ
    call_gemv(flip, b.transposed ? columns : inner, b.transposed ? inner : columns, b.data, b_stride, a.data,
              a.transposed ? a_stride : 1, beta, c, 1);
  } else if (n == 1) {
    call_gemv(a.transposed, a.transposed ? inner : rows, a.transposed ? rows : inner, a.data, a_stride, b.data,
              b.transposed ? 1 : b_stride, beta, c, stride);
  } else {
    call_gemm(rows, columns, inner, a, b, beta, c, stride);
  }
}
template void gemm(std::int64_t, std::int64_t, std::int64_t, const Panel<float>&, const Panel<float>&, float, float*,
                   std::int64_t);
template void gemm(std::int64_t, std::int64_t, std::int64_t, const Panel<double>&, const Panel<double>&, double,
                   double*, std::int64_t);

std::string blas_description() {
  if (!openblas_get_config || !openblas_get_corename) return "CBLAS";
  return fmt::format("{} (running {})", openblas_get_config(), openblas_get_corename());
}

}  // namespace heed
