// P-17: attention is soft alignment: what a translator looks at is where the word comes from, measured by the alignment
// error rate; and which row of weights is which word's.
#include <fmt/format.h>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/copy.h"
#include "heed/models/tasks/swap.h"
#include "heed/nn/attention/measures.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

using Draw = models::SequencePair (*)(Generator&);

template <std::int64_t length>
models::SequencePair swapped(Generator& generator) {
  return models::make_swap({.length = length}, generator);
}
// Here no word can be guessed from the one before: of two neighbours that change places attention may weigh both alike,
// where the decoder has been told the first of them.
template <std::int64_t length>
models::SequencePair reversed(Generator& generator) {
  return models::make_copy({.shortest = length, .longest = length, .reversed = true}, generator);
}

struct Result {
  double right, error, shifted;  // with the row of the word, and of the word before
  nn::Heatmap map;
};

nn::Heatmap picture(const Tensor& weights, const models::SequencePair& pair) {
  nn::Heatmap map{.title = "Neighbours swapped: where each word was found",
                  .weights = slice(weights, 0, 0, std::ssize(pair.target)).clone(),
                  .gold = pair.alignment};
  for (const std::int64_t word : pair.target) map.target.push_back(fmt::to_string(word));
  for (const std::int64_t word : pair.source) map.source.push_back(fmt::to_string(word));
  return map;
}

Result trained(const std::string& score, const std::string& align, Asking asking, Draw draw,
               const ClaimSettings& settings) {
  Generator weights = settings.generator(1), fresh = settings.generator(3);
  const PairTranslator net({.positions = 12, .reads_both_ways = false, .asking = asking, .draw = draw},
                           attention_named(score, align), weights);
  Result result{};
  result.right = trained_accuracy(
      train_reader(net, {.steps = settings.quick ? 900 : 1200, .learning_rate = score == "additive" ? 1e-2 : 5e-3},
                   settings.generator(2)));
  std::vector<models::SequencePair> pairs;
  for (int i = 0; i < 300; ++i) pairs.push_back(draw(fresh));
  const NoGrad no_gradients;
  const Tensor found = net.translate(models::batch_pairs(pairs), nullptr).found.weights.value();
  nn::AlignmentErrorRate of_word, of_word_before({.row_shift = 1});
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Tensor rows = slice(select(found, 0, static_cast<std::int64_t>(i)), 0, 0, std::ssize(pairs[i].target));
    of_word.add(rows, {.sure = pairs[i].alignment});
    of_word_before.add(rows, {.sure = pairs[i].alignment});
  }
  result.error = of_word.value();
  result.shifted = of_word_before.value();
  result.map = picture(select(found, 0, 0), pairs[0]);
  return result;
}

ClaimResult run(const ClaimSettings& settings) {
  struct Row {
    const char *name, *score, *align;
    Asking asking;
    Draw draw;
  };
  const Draw swap = settings.quick ? swapped<8> : swapped<12>, turn = settings.quick ? reversed<8> : reversed<12>;
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
