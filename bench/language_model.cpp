// One training step of a recurrent language model: forward, backward, clipping, Adam; and writing, one token at a time.
#include <benchmark/benchmark.h>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/seq2seq/sampling.h"
#include "heed/tensor/create.h"

namespace heed::bench {
namespace {

constexpr std::int64_t vocabulary = 65, batch = 32, length = 64;

template <class Lm>
Lm model(std::int64_t hidden, std::int64_t layers) {
  Generator generator(1);
  return Lm({.vocabulary = vocabulary, .embedding = 64, .hidden = hidden, .layers = layers}, generator);
}

Tensor random_ids(const Shape& shape) {
  Generator generator(2);
  Tensor ids = empty(shape, DType::i64);
  for (std::int64_t i = 0; i < ids.numel(); ++i)
    ids.mutable_data<std::int64_t>()[i] = generator.uniform_int(vocabulary);
  return ids;
}

// Every parameter but the embedding's multiplies once a token; the backward pass takes twice the forward's.
template <class Lm>
void language_model(benchmark::State& state) {
  const Lm lm = model<Lm>(state.range(0), state.range(1));
  const std::vector<Variable> parameters = nn::parameters(lm);
  nn::Adam adam(parameters, {.learning_rate = 1e-3});
  const Tensor ids = random_ids({batch, length}), labels = random_ids({batch, length});
  for (auto _ : state) {
    adam.zero_grad();
    backward(cross_entropy(lm.forward(ids).logits, labels));
    nn::clip_grad_norm(parameters, 1);
    adam.step();
  }
  const auto weights = static_cast<double>(nn::parameter_count(lm) - vocabulary * 64);
  state.counters["flops"] = benchmark::Counter(3 * 2 * weights * static_cast<double>(batch * length),
                                               benchmark::Counter::kIsIterationInvariantRate);
  state.counters["tokens"] =
      benchmark::Counter(static_cast<double>(batch * length), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(language_model<models::RnnLm>)->Name("train_step/rnn_lm")->Args({256, 1})->Unit(benchmark::kMillisecond);
BENCHMARK(language_model<models::LstmLm>)
    ->Name("train_step/lstm_lm")
    ->Args({256, 1})
    ->Args({256, 2})
    ->Args({512, 1})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(language_model<models::GruLm>)
    ->Name("train_step/gru_lm")
    ->Args({256, 1})
    ->Args({512, 1})
    ->Unit(benchmark::kMillisecond);

void write_text(benchmark::State& state) {
  const auto lm = model<models::LstmLm>(256, 1);
  const NoGrad no_gradients;
  Generator generator(3);
  Tensor id = zeros({1, 1}, DType::i64);
  nn::LstmCell::State carried;
  for (auto _ : state) {
    auto read = lm.forward(id, carried);
    carried = std::move(read.final_state);
    *id.mutable_data<std::int64_t>() = nn::sample(reshape(read.logits.value(), {vocabulary}), {}, generator);
  }
  state.counters["tokens"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(write_text)->Name("generate/lstm_lm");

}  // namespace
}  // namespace heed::bench
