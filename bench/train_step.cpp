// One training step of RNNsearch: forward, backward, clipping, Adam.
#include <benchmark/benchmark.h>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/rnnsearch.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/tensor/create.h"

namespace heed::bench {
namespace {

struct Sizes {
  std::int64_t batch, source, target, source_vocabulary, target_vocabulary, hidden;
};

// Multiply-adds of the matrix products, times two; the backward pass takes twice the forward's.
double flops(const Sizes& s) {
  const auto n = static_cast<double>(s.hidden), m = n / 2, l = n / 2;
  const double encoder = 2 * (m * 3 * n + n * 3 * n) + 2 * n * n;         // per source token: two GRUs, U_a
  const double decoder = m * 3 * n + n * n + 2 * n * 3 * n + n * 3 * n +  // per target token: W, W_a, C, U
                         2 * static_cast<double>(s.source) * n +          // context
                         (n + m + 2 * n) * 2 * l + l * static_cast<double>(s.target_vocabulary);  // readout
  return 3 * 2 * static_cast<double>(s.batch) *
         (static_cast<double>(s.source) * encoder + static_cast<double>(s.target) * decoder);
}

Tensor random_ids(Generator& generator, const Shape& shape, std::int64_t vocabulary) {
  Tensor ids = empty(shape, DType::i64);
  for (std::int64_t i = 0; i < ids.numel(); ++i)
    ids.mutable_data<std::int64_t>()[i] = generator.uniform_int(vocabulary);
  return ids;
}

void train_step(benchmark::State& state, const Sizes& s) {
  Generator generator(1);
  const models::RnnSearch model({.source_vocabulary = s.source_vocabulary,
                                 .target_vocabulary = s.target_vocabulary,
                                 .embedding = s.hidden / 2,
                                 .hidden = s.hidden,
                                 .alignment = s.hidden,
                                 .maxout = s.hidden / 2,
                                 .stddev = 0.1},
                                generator);
  const std::vector<Variable> parameters = nn::parameters(model);
  nn::Adam adam(parameters, {.learning_rate = 1e-3});
  std::vector<std::int64_t> lengths;
  for (std::int64_t b = 0; b < s.batch; ++b) lengths.push_back(s.source - generator.uniform_int(s.source / 4 + 1));
  const models::SourceBatch source{random_ids(generator, {s.batch, s.source}, s.source_vocabulary), lengths};
  const Tensor decoder_input = random_ids(generator, {s.batch, s.target}, s.target_vocabulary);
  const Tensor labels = random_ids(generator, {s.batch, s.target}, s.target_vocabulary);
  for (auto _ : state) {
    adam.zero_grad();
    backward(cross_entropy(model.forward(source, decoder_input).logits, labels));
    nn::clip_grad_norm(parameters, 1);
    adam.step();
  }
  state.counters["flops"] = benchmark::Counter(flops(s), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["target_tokens"] =
      benchmark::Counter(static_cast<double>(s.batch * s.target), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(train_step, dates_h128, {64, 18, 11, 60, 16, 128})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(train_step, dates_h256, {64, 18, 11, 60, 16, 256})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(train_step, pairs_h128, {64, 9, 9, 5000, 8000, 128})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(train_step, pairs_h256, {64, 9, 9, 5000, 8000, 256})->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace heed::bench
