// P-25: a label that depends on a later token can be told by who reads both ways only.
#include "examples/claims/all_claims.h"
#include "examples/claims/tagger.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/tasks/shifted_labels.h"
#include "heed/nn/rnn/gru.h"

namespace heed::examples {
namespace {

constexpr std::int64_t vocabulary = 8, length = 16;

double tagging_accuracy(bool bidirectional, const models::ShiftedLabels& task, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Tagger<nn::GruCell> tagger(
      {.vocabulary = vocabulary, .classes = vocabulary, .cell = {.hidden = 32}, .bidirectional = bidirectional},
      weights);
  train(nn::parameters(tagger), {.steps = settings.quick ? 150 : 500, .learning_rate = 1e-2}, [&] {
    const models::LabelledBatch batch = task.batch(32, length, examples);
    return cross_entropy(tagger.forward(batch.ids), batch.labels, batch.weights);
  });
  const models::LabelledBatch test = task.batch(1000, length, fresh);
  return accuracy(tagger.forward(test.ids).value(), test.labels, test.weights);
}

ClaimResult run(const ClaimSettings& settings) {
  Generator labels = settings.generator(0);
  const models::ShiftedLabels task({.vocabulary = vocabulary, .shift = 2}, labels);
  const double chance = 1.0 / vocabulary;  // 14,000 labels: a standard deviation of 0.003
  return {{at_least("bidirectional GRU, labels right", tagging_accuracy(true, task, settings), 0.97),
           between("forward GRU, labels right (chance: 0.125)", tagging_accuracy(false, task, settings), chance - 0.02,
                   chance + 0.02)}};
}

}  // namespace

Claim reading_both_ways() {
  return {"P-25", "A label that depends on a later token needs a network that reads both ways",
          "Schuster and Paliwal 1997; Bahdanau et al. 2015", run};
}

}  // namespace heed::examples
