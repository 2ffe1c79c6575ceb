// What this machine can do at most: the bounds to compare the other results with.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/matmul.h"
#include "machine/speed.h"

namespace heed::bench {
namespace {

void fma_peak(benchmark::State& state) {
  double flops = 0;
  for (auto _ : state) flops += fused_multiply_adds(1'000'000);
  state.counters["flops"] = benchmark::Counter(flops, benchmark::Counter::kIsRate);
}
BENCHMARK(fma_peak)->Unit(benchmark::kMillisecond);

void copy_bandwidth(benchmark::State& state) {  // read + written bytes
  std::vector<char> from(std::size_t{256} << 20, 1), to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 2 * static_cast<std::int64_t>(from.size()));
}
BENCHMARK(copy_bandwidth)->Unit(benchmark::kMillisecond);

void square_product(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const Tensor a = ones({n, n}), b = ones({n, n});
  for (auto _ : state) benchmark::DoNotOptimize(matmul(a, b));
  state.counters["flops"] =
      benchmark::Counter(2.0 * static_cast<double>(n * n * n), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(square_product)->Arg(128)->Arg(1024)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace heed::bench
