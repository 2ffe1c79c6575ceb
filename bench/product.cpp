// Matrix products: heed's kernel beside one call to BLAS, with a weight that lies transposed as in linear.
#include "heed/tensor/internal/product.h"

#include <benchmark/benchmark.h>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/blas.h"
#include "heed/tensor/internal/packed_matrix.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/runtime.h"

namespace heed::bench {
namespace {

struct Operands {
  std::int64_t m, n, k;
  Tensor x, weight, y;

  explicit Operands(benchmark::State& state)
      : m(state.range(0)),
        n(state.range(1)),
        k(state.range(2)),
        x(ones({m, k})),
        weight(ones({n, k})),
        y(zeros({m, n})) {
    state.counters["flops"] =
        benchmark::Counter(2.0 * static_cast<double>(m * n * k), benchmark::Counter::kIsIterationInvariantRate);
  }
};

void product_of_blas(benchmark::State& state) {
  Operands all(state);
  const OneBlasThread one_thread;
  for (auto _ : state)
    gemm<float>(all.m, all.n, all.k, {all.x.data<float>(), all.k, false}, {all.weight.data<float>(), all.k, true}, 0,
                all.y.mutable_data<float>(), all.n);
}

void product(benchmark::State& state) {  // by whom the sizes say
  Operands all(state);
  for (auto _ : state) multiply<float>("bench", all.x, mT(all.weight), 0, all.y);
}

void product_reproducible(benchmark::State& state) {
  const bool before = reproducible();
  set_reproducible(true);
  product(state);
  set_reproducible(before);
}

void product_packed(benchmark::State& state) {  // packed before
  Operands all(state);
  const PackedMatrix packed("bench", mT(all.weight));
  for (auto _ : state) multiply<float>("bench", all.x, packed, 0, all.y);
}

void pack(benchmark::State& state) {
  Operands all(state);
  for (auto _ : state) benchmark::DoNotOptimize(PackedMatrix("bench", mT(all.weight)));
}

void few_rows(benchmark::internal::Benchmark* all) {
  for (std::int64_t rows : {2, 8, 16, 32, 64}) all->Args({rows, 1024, 256});
  all->Args({32, 256, 768})->Args({64, 512, 784})->UseRealTime()->Unit(benchmark::kMicrosecond);
}
void square(benchmark::internal::Benchmark* all) {
  for (std::int64_t n : {16, 32, 64, 256, 512, 1024, 2048}) all->Args({n, n, n});
  all->Args({8192, 1024, 256})->UseRealTime()->Unit(benchmark::kMicrosecond);
}
BENCHMARK(product_of_blas)->Apply(few_rows)->Apply(square);
BENCHMARK(product)->Apply(few_rows)->Apply(square);
BENCHMARK(product_reproducible)->Apply(square);
BENCHMARK(product_packed)->Apply(few_rows);
BENCHMARK(pack)->Args({32, 1024, 256})->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace heed::bench
