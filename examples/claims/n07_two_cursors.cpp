// N-07: an alignment that is written down, two cursors moving together, copies, and does no more than that.
#include <string>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "examples/claims/pairs.h"

namespace heed::examples {
namespace {

double right(const AttentionMaker& attention, const DrawPair& draw, const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const PairTranslator net({.reads_both_ways = false, .draw = draw}, attention, weights);
  return trained_accuracy(
      train_reader(net, {.steps = settings.quick ? 500 : 1500, .learning_rate = 5e-3}, settings.generator(2)));
}

ClaimResult run(const ClaimSettings& settings) {
  const AttentionMaker cursors = attention_named("uniform", "diagonal"), soft = attention_named("general", "softmax");
  const std::int64_t length = settings.quick ? 10 : 20;
  const DrawPair copy = copied(length), swap = swapped(length);
  const std::string words = std::to_string(length);
  return {{at_least(words + " words copied, words right: two cursors", right(cursors, copy, settings), 0.99),
           at_most(words + " words, neighbours swapped: two cursors", right(cursors, swap, settings), 0.60),
           at_least("the same: learned softmax", right(soft, swap, settings), 0.95)}};
}

}  // namespace

Claim two_cursors() {
  return {"N-07", "Two cursors that move together copy and do not translate", "Bahdanau's letter, 2024", run};
}

}  // namespace heed::examples
