// P-17: attention is soft alignment: what a translator looks at is where the word comes from, measured by the alignment
// error rate; and which row of weights is which word's.
#include <fmt/format.h>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "examples/claims/pairs.h"
#include "heed/autograd/record.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

struct Result {
  double right, error, shifted;  // with the row of the word, and of the word before
  nn::Heatmap map;
  nn::AttentionMap attention;
};

Result trained(const std::string& score, const std::string& align, Asking asking, const DrawPair& draw,
               const ClaimSettings& settings) {
  Generator weights = settings.generator(1), fresh = settings.generator(3);
  const PairTranslator net({.positions = 12, .reads_both_ways = false, .asking = asking, .draw = draw},
                           attention_named(score, align), weights);
  Result result{};
  result.right = trained_accuracy(
      train_reader(net, {.steps = settings.quick ? 900 : 1200, .learning_rate = score == "additive" ? 1e-2 : 5e-3},
                   settings.generator(2)));
  const std::vector<models::SequencePair> pairs = draw_pairs(draw, 300, fresh);
  const NoGrad no_gradients;
  const Tensor found = net.translate(models::batch_pairs(pairs), nullptr).found.weights.value();
  result.error = alignment_error(found, pairs);
  result.shifted = alignment_error(found, pairs, 1);
  result.map = alignment_picture("Neighbours swapped: where each word was found", select(found, 0, 0), pairs[0]);
  result.attention = alignment_map(fmt::format("{}, {}", score, align), select(found, 0, 0), pairs[0]);
  return result;
}

ClaimResult run(const ClaimSettings& settings) {
  struct Row {
    const char *name, *score, *align;
    Asking asking;
    DrawPair draw;
  };
  const std::int64_t words = settings.quick ? 8 : 12;
  // In reversed words none can be guessed from the one before: of two neighbours that change places attention may weigh
  // both alike, where the decoder has been told the first of them.
  const DrawPair swap = swapped(words), turn = reversed(words, words);
  ClaimResult result;
  for (const Row& row :
       {Row{"dot", "dot", "softmax", Asking::state, swap}, Row{"local-m", "general", "local-m", Asking::state, swap},
        Row{"additive, words from the last to the first", "additive", "softmax", Asking::previous_state, turn}}) {
    const Result found = trained(row.score, row.align, row.asking, row.draw, settings);
    result.criteria.push_back(at_most(fmt::format("alignment error rate: {}", row.name), found.error, 0.15));
    result.criteria.push_back(at_least(fmt::format("more with rows taken for those of the words before: {}", row.name),
                                       found.shifted - found.error, 0.5));
    result.notes.push_back(
        fmt::format("{}: words right {:.3f}; rows as those of the words {:.3f}, of the words before "
                    "{:.3f}",
                    row.name, found.right, found.error, found.shifted));
    if (!result.map) result.map = found.map;
    result.attention.push_back(found.attention);
  }
  if (!settings.quick) {
    const Result before = trained("additive", "softmax", Asking::previous_state, swap, settings);
    result.notes.push_back(
        fmt::format("additive, asked by the state before, which keeps what it has read and may look "
                    "ahead: words right {:.3f}, {:.3f} and {:.3f}",
                    before.right, before.error, before.shifted));
  }
  result.criteria.push_back(at_least("alignment error rate: all weights alike",
                                     trained("uniform", "softmax", Asking::state, swap, settings).error, 0.85));
  return result;
}

}  // namespace

Claim soft_alignment() {
  return {"P-17", "Attention is soft alignment", "Bahdanau et al. 2015; Luong et al. 2015", run};
}

}  // namespace heed::examples
