// P-28: without attention there is no alignment to read. An encoder that leaves one vector to its decoder translates
// too, but where its words come from can only be asked of its gradients (saliency), and they say it far less well than
// attention's weights.
#include <fmt/format.h>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "examples/claims/pairs.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/measures.h"
#include "heed/nn/mask.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t vocabulary = 20;

// Sutskever et al. 2014 with GRUs: the decoder starts from the encoder's last state, and that is all it learns of the
// source.
class VectorTranslator final : public Reader {
 public:
  VectorTranslator(std::int64_t hidden, DrawPair draw, const nn::ParameterSource& source)
      : draw_(std::move(draw)),
        source_({.num_embeddings = vocabulary, .embedding_dim = 32}, source),
        target_({.num_embeddings = vocabulary + 1, .embedding_dim = 32}, source),
        encoder_({.cell = {.input = 32, .hidden = hidden}}, source),
        decoder_({.cell = {.input = 32, .hidden = hidden}}, source),
        output_({.in = hidden, .out = vocabulary}, source) {}

  Answers answer(std::int64_t batch, Generator& examples, Generator*) const override {
    const models::PairBatch pairs = models::batch_pairs(draw_pairs(draw_, static_cast<int>(batch), examples));
    const Tensor counted = to(squeeze(nn::length_mask(pairs.target_lengths, pairs.target.size(1)), 1), DType::f32);
    return {logits(pairs, source_.forward(pairs.source.ids)), pairs.target, counted, {}};
  }

  std::vector<Variable> parameters() const override {
    std::vector<Variable> all{source_.weight, target_.weight, output_.weight, output_.bias};
    for (const nn::Gru* part : {&encoder_, &decoder_})
      for (const Variable& parameter : nn::parameters(*part)) all.push_back(parameter);
    return all;
  }

  /// How much the probability of each target word depends on each source word: [B, T, S].
  Tensor saliencies(const models::PairBatch& pairs) const {
    const Variable words(source_.forward(pairs.source.ids).value(), true);  // [B, S, 32]
    const Variable told = gather(log_softmax(logits(pairs, words)), 2, unsqueeze(pairs.target, 2));
    std::vector<Tensor> rows;
    for (std::int64_t t = 0; t < pairs.target.size(1); ++t)  // pairs do not know each other: one sum asks all
      rows.push_back(nn::saliency(sum(select(told, 1, t)), words));
    return stack(rows, 1);
  }

 private:
  Variable logits(const models::PairBatch& pairs, const Variable& words) const {
    const Variable vector = encoder_.forward({.x = words, .lengths = pairs.source.lengths}).final_state;
    const Variable before = target_.forward(words_before(pairs.target, vocabulary));
    return output_.forward(decoder_.forward({.x = before, .initial_state = vector}).output);
  }

  DrawPair draw_;
  nn::Embedding source_, target_;
  nn::Gru encoder_, decoder_;
  nn::Linear output_;
};

ClaimResult run(const ClaimSettings& settings) {
  const DrawPair draw = swapped(settings.quick ? 6 : 8);
  Generator weights = settings.generator(1), more_weights = settings.generator(4), fresh = settings.generator(3);
  const std::vector<models::SequencePair> tests = draw_pairs(draw, 300, fresh);
  const models::PairBatch batch = models::batch_pairs(tests);

  const PairTranslator attending({.reads_both_ways = false, .draw = draw}, attention_named("dot", "softmax"), weights);
  const double right = trained_accuracy(
      train_reader(attending, {.steps = settings.quick ? 600 : 1000, .learning_rate = 5e-3}, settings.generator(2)));
  const VectorTranslator vector(64, draw, more_weights);
  const double right_of_vector = trained_accuracy(
      train_reader(vector, {.steps = settings.quick ? 600 : 2000, .learning_rate = 5e-3}, settings.generator(2)));

  const Tensor salient = vector.saliencies(batch);
  const NoGrad no_gradients;
  const Tensor looked = attending.translate(batch, nullptr).found.weights.value();
  const double error = alignment_error(looked, tests), error_of_vector = alignment_error(salient, tests);
  ClaimResult result{
      .criteria = {at_most("neighbours swapped, alignment error rate: attention", error, 0.15),
                   at_least("the same: saliency of an encoder-decoder without attention, more than attention",
                            error_of_vector - error, 0.2)},
      .notes = {fmt::format("attention: words right {:.3f}, alignment error rate {:.3f}; one vector: {:.3f}, {:.3f}",
                            right, error, right_of_vector, error_of_vector)}};
  // Shares of each row, as weights are.
  const Tensor first = select(salient, 0, 0), shares = first / maximum(sum(first, Axes{-1}, true), 1e-30);
  result.map = two_alignments("Where each word comes from: attention, then the saliency of a model without it",
                              select(looked, 0, 0), shares, tests[0]);
  result.attention = {alignment_map("attention", select(looked, 0, 0), tests[0]),
                      alignment_map("saliency, no attention", shares, tests[0])};
  return result;
}

}  // namespace

Claim saliency_alignment() {
  return {"P-28", "Attention aligns what an encoder-decoder of one vector cannot",
          "Bahdanau et al. 2015; Ding et al. 2019", run};
}

}  // namespace heed::examples
