// S-01: the product of query and key, with nothing learned in it, finds one of eight keys once their vectors are
// learned.
#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/uniform.h"

namespace heed::examples {
namespace {

constexpr models::RecallConfig task;  // 8 pairs of 32 keys and values
constexpr std::int64_t width = 32;

template <class Score>
double right(const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const RecallReader<Score> reader(task, width, {}, weights);
  train_recall(reader, task, settings);
  return recall_accuracy(reader, task, settings);
}

ClaimResult run(const ClaimSettings& settings) {
  return {{at_least("dot product, values right", right<nn::DotScore>(settings), 0.99),
           at_most("equal weights, values right (the bag of values: 0.125)", right<nn::UniformScore>(settings), 0.20)}};
}

}  // namespace

Claim dot_product() {
  return {"S-01", "The dot product of query and key finds the value that is asked for", "Luong et al. 2015", run};
}

}  // namespace heed::examples
