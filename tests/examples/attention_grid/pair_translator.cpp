// The translator of the grid: no word is told from itself, and padding changes nothing.
#include "examples/attention_grid/pair_translator.h"

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::examples;
using models::SequencePair;

namespace {

PairTranslator translator(Asking asking, bool reads, const std::string& score = "general",
                          const std::string& align = "softmax") {
  Generator weights(1);
  return PairTranslator({.vocabulary = 9, .positions = 8, .width = 8, .reads_both_ways = reads, .asking = asking},
                        attention_named(score, align), weights);
}

Tensor logits(const PairTranslator& net, const std::vector<SequencePair>& pairs) {
  return net.translate(models::batch_pairs(pairs), nullptr).logits.value();
}

}  // namespace

TEST_CASE("pair translator: a word is told from those before it and the source", "[attention]") {
  const SequencePair pair{{1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}}, other{pair.source, {6, 5, 4, 8, 2, 1}};
  for (const Asking asking : {Asking::state, Asking::previous_state})
    for (const bool reads : {false, true}) {
      const PairTranslator net = translator(asking, reads);
      const Tensor one = logits(net, {pair}), changed = logits(net, {other});
      CHECK(one.shape() == Shape{1, 6, 9});
      CHECK(test::same_bits(slice(one, 1, 0, 4), slice(changed, 1, 0, 4)));
      CHECK(max(abs(slice(one, 1, 4, 6) - slice(changed, 1, 4, 6))).item() > 1e-4);
      SequencePair source = pair;
      source.source[2] = 0;
      CHECK(max(abs(one - logits(net, {source}))).item() > 1e-4);
    }
}

TEST_CASE("pair translator: beside a longer pair as alone, and only words count", "[attention]") {
  const SequencePair shorter{{1, 2, 3}, {3, 2, 1, 1}}, longer{{4, 5, 6, 7, 8, 1, 2}, {1, 2, 3, 4, 5, 6}};
  for (const Asking asking : {Asking::state, Asking::previous_state}) {
    const PairTranslator net = translator(asking, true);
    const Tensor both = logits(net, {shorter, longer}), alone = logits(net, {shorter});
    CHECK(max(abs(slice(slice(both, 0, 0, 1), 1, 0, 4) - alone)).item() < 1e-5);
    const Answers answers = net.translate(models::batch_pairs(std::vector{shorter, longer}), nullptr);
    CHECK(test::same_bits(answers.counted, tensor({1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1}, {2, 6})));
    CHECK(sum(abs(slice(select(answers.found.weights.value(), 0, 0), 1, 3, 7))).item() == 0);
  }
}

TEST_CASE("pair translator: what does not go together is refused", "[attention]") {
  CHECK(test::refused<Error>([] { translator(Asking::state, true, "dot", "diagonal"); }) ==
        "dot and diagonal do not go together");
}
