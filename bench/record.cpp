// What recording costs: an operation on one number is nothing but overhead.
#include <benchmark/benchmark.h>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"

namespace heed::bench {
namespace {

constexpr int chain = 1000;

Variable grow(Variable y, const Variable& x) {
  for (int i = 0; i < chain; ++i) y = y + x;
  return y;
}

void tensor_add(benchmark::State& state) {
  const Tensor x = ones({1});
  for (auto _ : state) benchmark::DoNotOptimize(x + x);
}
BENCHMARK(tensor_add);

// Time per recorded addition; the graph is taken down outside the clock.
void recorded_add_forward(benchmark::State& state) {
  const Variable x(ones({1}), true);
  for (auto _ : state) {
    Variable y = grow(x, x);
    state.PauseTiming();
    y = Variable();
    state.ResumeTiming();
  }
  state.counters["per_node"] =
      benchmark::Counter(chain, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(recorded_add_forward);

void recorded_add_backward(benchmark::State& state) {
  const Variable x(ones({1}), true);
  for (auto _ : state) {
    state.PauseTiming();
    Variable y = grow(x, x);
    x.set_grad({});
    state.ResumeTiming();
    backward(y);
    state.PauseTiming();
    y = Variable();
    state.ResumeTiming();
  }
  state.counters["per_node"] =
      benchmark::Counter(chain, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(recorded_add_backward);

void recorded_add_destroy(benchmark::State& state) {
  const Variable x(ones({1}), true);
  for (auto _ : state) {
    state.PauseTiming();
    Variable y = grow(x, x);
    state.ResumeTiming();
    y = Variable();
  }
  state.counters["per_node"] =
      benchmark::Counter(chain, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(recorded_add_destroy);

}  // namespace
}  // namespace heed::bench
