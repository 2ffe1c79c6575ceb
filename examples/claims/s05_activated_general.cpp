// S-05: scores between -1 and 1 cannot make a sharp softmax, and still few keys are told apart.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/nn/attention/score/activated_general.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 32;

double bound(std::int64_t keys) { return 1 / (1 + static_cast<double>(keys - 1) * std::exp(-2)); }

struct Result {
  double right, largest;
};

Result trained(const models::RecallConfig& task, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), fresh = settings.generator(3);
  RecallReader<nn::ActivatedGeneralScore> reader(task, width, {.query = width, .key = width}, weights);
  nn::Parameter& w = reader.attention.score.weight;  // begins where tanh is not flat: vectors of 32 are long
  w = nn::Parameter(w.value() * 0.1);
  Generator examples = settings.generator(2);
  train(nn::parameters(reader), {.steps = 2000, .learning_rate = 3e-3}, [&] {
    const models::RecallBatch batch = models::make_recall(task, 64, examples);
    return cross_entropy(reader.logits(batch), batch.answers);
  });
  const NoGrad no_gradients;
  const models::RecallBatch test = models::make_recall(task, recall_tests, fresh);
  return {recall_accuracy(reader, task, settings), max(reader.read(test).weights.value()).item()};
}

ClaimResult run(const ClaimSettings& settings) {
  const Result four = trained({.pairs = 4}, settings), twenty = trained({.pairs = 20}, settings);
  return {{at_least("recall of 4 pairs, values right", four.right, 0.9),
           at_most("recall of 4 pairs, the largest weight of all (bound: 0.711)", four.largest, bound(4) + 1e-6),
           at_most("recall of 20 pairs, the same (bound: 0.280)", twenty.largest, bound(20) + 1e-6)},
          {fmt::format("recall of 20 pairs, values right: {:.3f}", twenty.right)}};
}

}  // namespace

Claim activated_general() {
  return {"S-05", "A score inside tanh bounds every weight by 1/(1 + (S - 1)e⁻²)", "Ma et al. 2017", run};
}

}  // namespace heed::examples
