// What this machine can do at most: the bounds to compare the other results with.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/blas.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/runtime.h"

namespace heed::bench {
namespace {

// Twelve independent chains of fused multiply-adds: enough to fill two units of latency four. Each begins elsewhere, or
// the compiler would work out only one. A product and a sum become one instruction in this file alone
// (bench/CMakeLists.txt).
template <class V>
[[gnu::always_inline]] inline double chains(std::int64_t rounds) {
  V sum[12], factor = V{} + 0.999f, addend = V{} + 1e-3f;
  for (int i = 0; i < 12; ++i) sum[i] = V{} + static_cast<float>(i);
  benchmark::DoNotOptimize(factor);
  benchmark::DoNotOptimize(addend);
  for (std::int64_t i = 0; i < rounds; ++i)
    for (V& s : sum) s = s * factor + addend;
  for (V& s : sum) benchmark::DoNotOptimize(s);
  return 2.0 * 12 * (sizeof(V) / sizeof(float)) * static_cast<double>(rounds);
}

using Floats4 [[gnu::vector_size(16)]] = float;
double narrow(std::int64_t rounds) { return chains<Floats4>(rounds); }
#if defined(__x86_64__)
using Floats8 [[gnu::vector_size(32)]] = float;
using Floats16 [[gnu::vector_size(64)]] = float;
[[gnu::target("avx2,fma")]] double wide(std::int64_t rounds) { return chains<Floats8>(rounds); }
[[gnu::target("avx512f")]] double widest(std::int64_t rounds) { return chains<Floats16>(rounds); }
#endif

double fused_multiply_adds(std::int64_t rounds) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return widest(rounds);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return wide(rounds);
#endif
  return narrow(rounds);
}

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
