// heed_peer: one row of the table computed by libtorch, for the program that measures (bench/table/) to drive.
//   heed_peer --serve ROW THREADS [--intel-path] [--no-onednn]
//   heed_peer --version
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <malloc.h>
#include <torch/version.h>

#include <cstring>
#include <exception>

#include "workloads/serve.h"

namespace {
bool intel_path = false;
}

// MKL asks this before it takes its kernels for Intel's processors. The program's own definition stands before that in
// libtorch_cpu.so; that the other kernels run then has been seen with perf (mkl_blas_avx2_sgemm_kernel_0 instead of
// mkl_blas_def_sgemm_kernel_0_zen).
extern "C" int mkl_serv_intel_cpu_true();
extern "C" int mkl_serv_intel_cpu_true() {
  if (intel_path) return 1;
  const auto of_mkl = reinterpret_cast<int (*)()>(dlsym(RTLD_NEXT, "mkl_serv_intel_cpu_true"));
  return of_mkl ? of_mkl() : 0;
}

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) return std::puts("libtorch " TORCH_VERSION), 0;
  if (argc < 4 || std::strcmp(argv[1], "--serve") != 0)
    return std::fputs("heed_peer: expected --serve, a row and a number of threads\n", stderr), 2;
  for (int i = 4; i < argc; ++i) {
    if (std::strcmp(argv[i], "--intel-path") == 0) intel_path = true;
    if (std::strcmp(argv[i], "--no-onednn") == 0) at::globalContext().setUserEnabledMkldnn(false);
  }
  // Freed memory is kept: asking the system again would cost a page fault for every 4096 bytes.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  try {
    at::set_num_threads(std::stoi(argv[3]));
    at::set_num_interop_threads(1);
    heed::bench::serve(argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "heed_peer: %s\n", error.what());
    return 1;
  }
}
