// P-19: context decides what a word means: "transformer" beside "wires" or beside "tokens". Self-attention finds the
// one word that tells, wherever it stands; the same network where each word sees itself alone has to guess.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/sentence_reader.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/word_sense.h"
#include "heed/nn/mask.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr models::WordSenseConfig task;  // 16 words
constexpr std::int64_t width = 32;

// One self-attention, whose row of the word is all that its meaning is told from: without positions, for a word tells
// wherever it stands. One head may learn to look for the words of one sense alone and take the other sense where it
// finds none; four look for both.
struct SenseReader {
  explicit SenseReader(const nn::ParameterSource& source)
      : embedding({.num_embeddings = models::word_sense_words().size(), .embedding_dim = width}, source),
        attention({.embed = width, .heads = 4}, source),
        output({.in = width, .out = 2}, source) {
    embedding.weight = nn::Parameter(embedding.weight.value() * 0.3);  // learned faster than as N(0, 1)
  }

  struct Read {
    Variable logits;  // [B, 2]
    Tensor weights;   // [B, H, T, T]
  };

  Read read(const models::WordSenseBatch& batch, const Tensor& mask) const {
    const Variable x = embedding.forward(batch.ids);
    const auto found = attention.forward({.query = x, .mask = mask, .need_weights = true});
    const Tensor rows = expand(reshape(batch.position, {-1, 1, 1}), {x.size(0), 1, width});
    return {output.forward(squeeze(gather(found.y, 1, rows), 1)), found.weights.value()};
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Embedding embedding;
  nn::MultiHeadAttention attention;
  nn::Linear output;
};

// It takes two seconds, so --quick is no smaller.
SenseReader trained(const Tensor& mask, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2);
  SenseReader reader(weights);
  train(nn::parameters(reader), {.steps = 300, .learning_rate = 1e-2}, [&] {
    const models::WordSenseBatch batch = models::make_word_senses(task, 64, examples);
    return cross_entropy(reader.read(batch, mask).logits, batch.labels);
  });
  return reader;
}

double right(const SenseReader& reader, const models::WordSenseBatch& test, const Tensor& mask) {
  return accuracy(reader.read(test, mask).logits.value(), test.labels);
}

// The row of the word "transformer" of each sentence, the mean of all heads: [B, T].
Tensor rows_of_word(const Tensor& weights, const Tensor& position) {
  const Tensor all = mean(weights, Axes{1});
  const Tensor rows = expand(reshape(position, {-1, 1, 1}), {all.size(0), 1, all.size(2)});
  return squeeze(gather(all, 1, rows), 1);
}

nn::Heatmap picture(const Tensor& rows, const models::WordSenseBatch& test) {
  return {.title = "What tells \"transformer\" its meaning",
          .target = {"transformer"},
          .source = words_of(models::word_sense_words(), test.ids, 0),
          .weights = slice(rows, 0, 0, 1).clone(),
          .gold = {{select(test.cue, 0, 0).item<std::int64_t>()}},
          .target_title = "word",
          .source_title = "sentence"};
}

ClaimResult run(const ClaimSettings& settings) {
  Generator fresh = settings.generator(3);
  const models::WordSenseBatch test = models::make_word_senses(task, 2000, fresh);
  const Tensor itself_alone = nn::window_mask(task.words, task.words, 0, 0);
  const SenseReader reader = trained({}, settings), context_free = trained(itself_alone, settings);
  const NoGrad no_gradients;
  const Tensor weights = reader.read(test, {}).weights, rows = rows_of_word(weights, test.position);
  ClaimResult result{.criteria = {at_least("16 words, senses right: self-attention", right(reader, test, {}), 0.97),
                                  between("the same, each word sees itself alone (chance: 0.5)",
                                          right(context_free, test, itself_alone), 0.46, 0.54),
                                  at_least("sentences where the word looks most at the one that tells",
                                           accuracy(rows, test.cue), 0.80)},
                     .notes = {fmt::format("mean weight on the word that tells {:.3f} (uniform {:.3f})",
                                           mean(gather(rows, 1, unsqueeze(test.cue, 1))).item(), 1.0 / task.words)}};
  result.map = picture(rows, test);
  result.attention = sentence_maps("self-attention", slice(weights, 0, 0, 4), models::word_sense_words(), test.ids);
  return result;
}

}  // namespace

Claim word_sense() {
  return {"P-19", "The context decides what a word means, and self-attention finds the word that tells",
          "Vaswani et al. 2017", run};
}

}  // namespace heed::examples
