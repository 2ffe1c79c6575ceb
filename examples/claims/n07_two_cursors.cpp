// N-07: an alignment that is written down, two cursors moving together, copies, and does no more than that.
#include <string>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "heed/models/tasks/copy.h"
#include "heed/models/tasks/swap.h"

namespace heed::examples {
namespace {

template <std::int64_t length>
models::SequencePair copied(Generator& generator) {
  return models::make_copy({.shortest = length, .longest = length}, generator);
}
template <std::int64_t length>
models::SequencePair swapped(Generator& generator) {
  return models::make_swap({.length = length}, generator);
}

double right(const AttentionMaker& attention, models::SequencePair (*draw)(Generator&), const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const PairTranslator net({.reads_both_ways = false, .draw = draw}, attention, weights);
  return trained_accuracy(
      train_reader(net, {.steps = settings.quick ? 500 : 1500, .learning_rate = 5e-3}, settings.generator(2)));
}

ClaimResult run(const ClaimSettings& settings) {
  const AttentionMaker cursors = attention_named("uniform", "diagonal"), soft = attention_named("general", "softmax");
  const auto copy = settings.quick ? copied<10> : copied<20>, swap = settings.quick ? swapped<10> : swapped<20>;
  const std::string words = settings.quick ? "10" : "20";
  return {{at_least(words + " words copied, words right: two cursors", right(cursors, copy, settings), 0.99),
           at_most(words + " words, neighbours swapped: two cursors", right(cursors, swap, settings), 0.60),
           at_least("the same: learned softmax", right(soft, swap, settings), 0.95)}};
}

}  // namespace

Claim two_cursors() {
  return {"N-07", "Two cursors that move together copy and do not translate", "Bahdanau's letter, 2024", run};
}

}  // namespace heed::examples
