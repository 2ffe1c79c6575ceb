// S-08: keys of all lengths: the product goes by the longest, the cosine by the direction.
#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/nn/attention/score/cosine.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/freeze.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr models::RecallConfig task;
// The wider, the further a key's own product stands out: with 32 the product is right about 0.66.
constexpr std::int64_t width = 8;

template <class Score>
double right(const typename Score::Config& config, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), tables = settings.generator(4);
  RecallReader<Score> reader(task, width, config, weights);
  reader.queries = nn::Embedding({.num_embeddings = task.keys, .embedding_dim = width}, tables);
  const Tensor lengths = exp(uniform(tables, {task.keys, 1}, -1, 1) * 2.302585092994046);  // 0.1 to 10
  reader.keys.weight = nn::Parameter(reader.queries.weight.value() * lengths);
  nn::freeze(reader.keys);
  nn::freeze(reader.queries);
  train_recall(reader, task, settings);
  return recall_accuracy(reader, task, settings);
}

// The largest weight that a cosine of scale 1 has for its own key among others that are as unlike it as can be.
double plain_bound(double keys) { return 1 / (1 + (keys - 1) * std::exp(-2)); }

ClaimResult run(const ClaimSettings& settings) {
  const Variable query(tensor({1, 0}, {1, 1, 2}));
  const Variable keys(tensor({1, 0, -1, 0, -1, 0, -1, 0, -1, 0}, {1, 5, 2}));
  const nn::CosineScore plain({.scale = 1}, nn::ParameterSource::zeros().with([](const auto& spec, Generator&) {
    return zeros(spec.shape, spec.dtype);
  }));
  const double largest = max(softmax(plain.forward(query, nn::CosineScore::project_keys(keys)).value())).item();
  return {{at_least("keys of lengths 0.1 to 10, values right: cosine", right<nn::CosineScore>({}, settings), 0.95),
           at_most("the same: dot product", right<nn::DotScore>({}, settings), 0.60),
           between("scale 1, 5 keys, largest weight there can be (0.649)", largest, plain_bound(5) - 1e-6,
                   plain_bound(5) + 1e-6)}};
}

}  // namespace

Claim cosine() {
  return {"S-08", "The cosine does not see how long keys are, and needs its scale to be sharp", "Graves et al. 2014",
          run};
}

}  // namespace heed::examples
