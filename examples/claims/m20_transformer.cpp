// M-20: a Transformer of one layer writes a text from its last word to its first, and without positions it cannot, for
// it sees a bag of words. Dates, too.
#include <algorithm>

#include "examples/claims/all_claims.h"
#include "examples/claims/pairs.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/date.h"
#include "heed/models/transformer.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t begin_token = 128;  // behind all words and characters

models::SequencePair written_date(Generator& generator) {
  const models::DateExample date = models::make_date(generator);
  return {{date.source.begin(), date.source.end()}, {date.target.begin(), date.target.end()}, date.alignment};
}

struct Batch {
  models::SourceBatch source;
  Tensor input, labels, weights;  // [B, T]; weights f32: 1 for a token, 0 behind the last one
};

Batch draw_batch(const DrawPair& draw, int size, Generator& generator) {
  const models::PairBatch batch = models::batch_pairs(draw_pairs(draw, size, generator));
  const Tensor first = full({size, 1}, begin_token, DType::i64);
  return {batch.source, concat({first, slice(batch.target, 1, 0, -1)}, 1), batch.target,
          to(squeeze(nn::length_mask(batch.target_lengths, batch.target.size(1)), 1), DType::f32)};
}

models::Transformer make(bool positions, Generator& generator) {
  return {{.source_vocabulary = begin_token,
           .target_vocabulary = begin_token + 1,
           .embedding = 64,
           .heads = 4,
           .layers = 1,
           .feedforward = 256,
           .dropout = 0,
           .positions = positions},
          generator};
}

void learn(const models::Transformer& model, const DrawPair& draw, std::int64_t steps, Generator examples) {
  train(nn::parameters(model), {.steps = steps, .learning_rate = 2e-3}, [&] {
    const Batch batch = draw_batch(draw, 64, examples);
    return cross_entropy(model.forward({.source = batch.source, .target = batch.input}).logits, batch.labels,
                         batch.weights);
  });
}

struct Measured {
  double tokens, whole;  // shares that are right, given what stands before
};

Measured measure(const models::Transformer& model, const DrawPair& draw, Generator fresh) {
  const NoGrad no_gradients;
  const Batch batch = draw_batch(draw, 500, fresh);
  const Tensor logits = model.forward({.source = batch.source, .target = batch.input}).logits.value();
  // Whoever gives every token the highest score after those before it writes the whole.
  const Tensor wrong = to(logical_not(equal(argmax(logits, -1), batch.labels)), DType::f32) * batch.weights;
  const Tensor whole = equal(sum(wrong, {1}), 0);
  return {accuracy(logits, batch.labels, batch.weights), mean(to(whole, DType::f64)).item()};
}

// Where the decoder looked in one text, of all heads [H, T, S].
Tensor source_weights(const models::Transformer& model, const models::SequencePair& pair) {
  const NoGrad no_gradients;
  const nn::AttentionRecorder recorder(model);
  Generator unused(0);
  const Batch batch = draw_batch([&](Generator&) { return pair; }, 1, unused);
  (void)model.forward({.source = batch.source, .target = batch.input});
  return select(recorder.of("decoder.layers.0.multihead_attn").at(0).weights, 0, 0);
}

ClaimResult run(const ClaimSettings& settings) {
  Generator weights = settings.generator(1), bag_weights = settings.generator(1), date_weights = settings.generator(4);
  const DrawPair reversed_words = settings.quick ? reversed(5, 8) : reversed(10, 16);
  const std::int64_t steps = settings.quick ? 350 : 1500;
  const models::Transformer model = make(true, weights), bag = make(false, bag_weights);
  learn(model, reversed_words, steps, settings.generator(2));
  learn(bag, reversed_words, steps, settings.generator(2));
  ClaimResult result;
  result.criteria = {
      at_least("words from the last to the first, right", measure(model, reversed_words, settings.generator(3)).tokens,
               settings.quick ? 0.95 : 0.99),
      at_most("the same without positions", measure(bag, reversed_words, settings.generator(3)).tokens, 0.50)};
  Generator shown = settings.generator(5);
  const models::SequencePair pair = reversed_words(shown);
  const Tensor looked = source_weights(model, pair);
  result.map = alignment_picture("Where the decoder looked, the mean of four heads", mean(looked, {0}), pair);
  result.attention = {alignment_map("decoder to source", looked, pair)};
  if (settings.quick) return result;
  const models::Transformer dates = make(true, date_weights);
  learn(dates, written_date, 3000, settings.generator(5));
  result.criteria.push_back(
      at_least("dates, whole ones right", measure(dates, written_date, settings.generator(6)).whole, 0.97));
  return result;
}

}  // namespace

Claim transformer() {
  return {"M-20", "Attention is all a translator needs, with positions", "Vaswani et al. 2017", run};
}

}  // namespace heed::examples
