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

// gradients() to this many inputs of one graph.
void gradients_to_many_inputs(benchmark::State& state) {
  std::vector<Variable> inputs;
  for (std::int64_t i = 0; i < state.range(0); ++i) inputs.emplace_back(ones({1}), true);
  Variable y = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) y = y + inputs[i];
  for (auto _ : state) benchmark::DoNotOptimize(gradients(y, inputs, {}, {.retain_graph = true}));
  state.counters["per_input"] =
      benchmark::Counter(static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(gradients_to_many_inputs)->Arg(1000)->Arg(32000);

}  // namespace
}  // namespace heed::bench
