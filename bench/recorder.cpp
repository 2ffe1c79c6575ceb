// What attention does about recorders: nothing that can be measured without one, and what each kind of record costs.
#include <benchmark/benchmark.h>

#include <optional>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/attention/score/dot.h"

namespace heed::bench {
namespace {

using Config = nn::AttentionRecorder::Config;

// 0: no recorder, 1: of weights, 2: of everything. A recorder lives for one call.
template <class Call>
void measure(benchmark::State& state, const Call& call) {
  for (auto _ : state) {
    std::optional<nn::AttentionRecorder> recorder;
    const bool all = state.range(0) == 2;
    if (state.range(0) > 0) recorder.emplace(Config{.scores = all, .contexts = all, .gradients = all});
    benchmark::DoNotOptimize(call());
  }
}

// The smallest there is: one query of 8 keys.
void dot_attention(benchmark::State& state) {
  Generator generator(1);
  const nn::Attention<nn::DotScore> attention({}, generator);
  const Variable query(normal(generator, {1, 1, 8}));
  const nn::AttentionMemory memory = attention.project_keys({.key = Variable(normal(generator, {1, 8, 8}))});
  measure(state, [&] { return attention.forward(query, memory).context; });
}
BENCHMARK(dot_attention)->DenseRange(0, 2);

// Forward and backward of 4 sequences of 32 tokens.
void multi_head_attention(benchmark::State& state) {
  Generator generator(1);
  const nn::MultiHeadAttention attention({.embed = 64, .heads = 4}, generator);
  const Variable x(normal(generator, {4, 32, 64}), true);
  measure(state, [&] {
    const Variable y = sum(attention.forward({.query = x}).y);
    backward(y);
    return y;
  });
}
BENCHMARK(multi_head_attention)->DenseRange(0, 2);

}  // namespace
}  // namespace heed::bench
