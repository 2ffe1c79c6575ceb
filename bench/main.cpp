// The benchmarks' program. Its first lines name what every figure depends on.
#include <benchmark/benchmark.h>

#include "tensor/blas.h"
#include "tensor/kernels/target.h"
#include "tensor/parallel.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("blas", heed::blas_description());
  benchmark::AddCustomContext("simd", heed::kernels::simd_target());
  benchmark::AddCustomContext("threads", std::to_string(heed::threads()));
  benchmark::RunSpecifiedBenchmarks();
}
