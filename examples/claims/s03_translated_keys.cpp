// S-03: where queries are written in vectors that have nothing to do with those of the keys, a learned matrix between
// them finds what the dot product cannot.
#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/freeze.h"

namespace heed::examples {
namespace {

constexpr models::RecallConfig task;  // 8 pairs of 32 keys and values
constexpr std::int64_t width = 32;

template <class Score>
double right(const typename Score::Config& config, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), tables = settings.generator(4);
  RecallReader<Score> reader(task, width, config, weights);
  reader.keys = nn::Embedding({.num_embeddings = task.keys, .embedding_dim = width}, tables);
  reader.queries = nn::Embedding({.num_embeddings = task.keys, .embedding_dim = width}, tables);
  nn::freeze(reader.keys);
  nn::freeze(reader.queries);
  train_recall(reader, task, settings);
  return recall_accuracy(reader, task, settings);
}

ClaimResult run(const ClaimSettings& settings) {
  return {
      {at_least("general score, values right", right<nn::GeneralScore>({.query = width, .key = width}, settings), 0.95),
       at_most("dot product, values right (chance: 0.125)", right<nn::DotScore>({}, settings), 0.25)}};
}

}  // namespace

Claim translated_keys() {
  return {"S-03", "A learned matrix between query and key translates one into the other", "Luong et al. 2015", run};
}

}  // namespace heed::examples
