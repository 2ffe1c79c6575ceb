// N-05, N-06: a window of five keys is enough where source and target go side by side, and nothing where they run
// against each other; there its place has to be predicted.
#include <fmt/format.h>

#include <cmath>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "examples/claims/pairs.h"
#include "heed/autograd/record.h"

namespace heed::examples {
namespace {

struct Result {
  double right;
  double off;  // the mean distance of the weights' centre from where the word comes from
  nn::AttentionMap attention;
};

double distance_from_gold(const Tensor& weights, const std::vector<models::SequencePair>& pairs) {
  const std::int64_t rows = weights.size(1), columns = weights.size(2);
  const float* a = weights.data<float>();
  double total = 0, words = 0;
  for (const models::SequencePair& pair : pairs) {
    for (std::size_t t = 0; t < pair.target.size(); ++t) {
      double sum = 0, centre = 0;
      for (std::int64_t s = 0; s < columns; ++s) {
        const double weight = a[static_cast<std::int64_t>(t) * columns + s];
        sum += weight;
        centre += weight * static_cast<double>(s);
      }
      total += std::abs(centre / sum - static_cast<double>(pair.alignment[t][0]));
      ++words;
    }
    a += rows * columns;
  }
  return total / words;
}

// `reads`: an encoder that reads both ways. It carries words to the states of their neighbours, so that a window sees
// further than its five keys; without it a doubled word here and there puts 5 of 100 swapped words outside.
Result trained(const std::string& align, const DrawPair& draw, std::int64_t window, bool reads,
               const ClaimSettings& settings) {
  Generator weights = settings.generator(1), fresh = settings.generator(3);
  const PairTranslator net({.positions = 20, .window = window, .reads_both_ways = reads, .draw = draw},
                           attention_named("general", align), weights);
  const Cell cell =
      train_reader(net, {.steps = settings.quick ? 600 : 1500, .learning_rate = 5e-3}, settings.generator(2));
  const std::vector<models::SequencePair> pairs = draw_pairs(draw, 200, fresh);
  const NoGrad no_gradients;
  const Tensor looked = net.translate(models::batch_pairs(pairs), nullptr).found.weights.value().contiguous();
  return {trained_accuracy(cell), distance_from_gold(looked, pairs),
          alignment_map(align, select(looked, 0, 0), pairs[0])};
}

// Its first pair, for the page.
nn::AttentionMap at(const Result& result, const std::string& task) {
  nn::AttentionMap map = result.attention;
  map.step = task;
  return map;
}

ClaimResult run(const ClaimSettings& settings) {
  const bool quick = settings.quick;
  const DrawPair near = swapped(quick ? 10 : 20), far = quick ? reversed(12, 12) : reversed(20, 20),
                 mixed = quick ? reversed(8, 10) : reversed(12, 16);
  const std::int64_t window = quick ? 2 : 3;
  const std::string lengths = quick ? "8 to 10" : "12 to 16", words = quick ? "12" : "20";
  const Result local = trained("local-m", near, 2, true, settings),
               against = trained("local-m", far, 2, false, settings),
               predicted = trained("local-p", mixed, window, false, settings),
               same = trained("local-m", mixed, window, false, settings);
  return {
      .criteria =
          {at_least(
               fmt::format("neighbours swapped, {} words, an encoder that reads both ways: local-m, D = 2, words right",
                           quick ? 10 : 20),
               local.right, 0.95),
           at_most(words + " words from the last to the first, no encoder: local-m, D = 2, words right", against.right,
                   0.45),
           at_least(fmt::format("{} words from the last to the first: local-p, D = {}, words right", lengths, window),
                    predicted.right, 0.90),
           at_most("the same: the weights' centre off the word's place", predicted.off, 1.0),
           at_most(fmt::format("the same: local-m, D = {}, words right", window), same.right, 0.45)},
      .attention = {at(local, "neighbours swapped"), at(against, words + " words reversed"),
                    at(predicted, lengths + " words reversed"), at(same, lengths + " words reversed")}};
}

}  // namespace

Claim local_windows() {
  return {"N-05", "A window beside the diagonal is enough for near words, one that is predicted for far ones",
          "Luong et al. 2015", run};
}

}  // namespace heed::examples
