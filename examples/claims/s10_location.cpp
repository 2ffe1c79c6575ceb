// S-10: a score of places alone finds the item at a place that the query tells, and not the one with a content that it
// tells.
#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/nn/attention/score/location.h"

namespace heed::examples {
namespace {

constexpr models::RecallConfig task;
constexpr std::int64_t width = 32;

struct Reader : RecallReader<nn::LocationScore> {
  explicit Reader(const nn::ParameterSource& source)
      : RecallReader(task, width, {.query = width, .positions = task.pairs}, source) {}
};

// The same, asked for the place instead of the key that stands there.
struct ByPlace : Reader {
  using Reader::Reader;
  Variable logits(models::RecallBatch batch) const {
    batch.queries = batch.positions;
    return Reader::logits(batch);
  }
};

template <class Net>
double right(const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const Net net(weights);
  train_recall(net, task, settings);
  return recall_accuracy(net, task, settings);
}

ClaimResult run(const ClaimSettings& settings) {
  return {{at_least("asked for a place, values right", right<ByPlace>(settings), 0.95),
           at_most("asked for a key, values right (the bag of values: 0.125)", right<Reader>(settings), 0.20)}};
}

}  // namespace

Claim location() { return {"S-10", "A score of places alone finds places and no contents", "Luong et al. 2015", run}; }

}  // namespace heed::examples
