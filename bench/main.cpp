// The benchmarks' program. Its first lines name what every result depends on.
#include <benchmark/benchmark.h>

#include "heed/tensor/kernels/target.h"
#include "heed/tensor/runtime.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("blas", heed::blas_description());
  benchmark::AddCustomContext("simd", heed::kernels::simd_target());
  benchmark::AddCustomContext("threads", std::to_string(heed::threads()));
  benchmark::RunSpecifiedBenchmarks();
}
