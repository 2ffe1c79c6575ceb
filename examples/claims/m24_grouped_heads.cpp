// M-24: queries that share the heads of keys and values remember as well with a smaller cache.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/models/gpt.h"
#include "heed/nn/attention/multi_head.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 64, heads = 4;
const models::RecallConfig task{.pairs = 8};

// Answers recall (models/tasks/recall.h) by one multi-head attention.
struct GroupedReader {
  GroupedReader(std::int64_t kv_heads, const nn::ParameterSource& source)
      : keys({.num_embeddings = task.keys, .embedding_dim = width}, source),
        values({.num_embeddings = task.values, .embedding_dim = width}, source),
        attention({.embed = width, .heads = heads, .kv_heads = kv_heads}, source),
        output({.in = width, .out = task.values}, source) {}

  Variable logits(const models::RecallBatch& batch) const {
    const auto found = attention.forward(
        {.query = keys.forward(batch.queries), .key = keys.forward(batch.keys), .value = values.forward(batch.values)});
    return output.forward(found.y);
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("keys", self.keys);
    visitor("values", self.values);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Embedding keys, values;
  nn::MultiHeadAttention attention;
  nn::Linear output;
};

struct Measured {
  double right, bytes;
};

Measured measure(std::int64_t kv_heads, const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const GroupedReader reader(kv_heads, weights);
  train_recall(reader, task, settings);
  const models::Gpt lm(
      {.vocabulary = 1, .context = 128, .embedding = width, .heads = heads, .layers = 2, .kv_heads = kv_heads},
      nn::ParameterSource::zeros());
  double bytes = 0;
  for (const nn::KeyValueCache& layer : lm.make_cache(1)) bytes += static_cast<double>(layer.bytes());
  return {recall_accuracy(reader, task, settings), bytes};
}

ClaimResult run(const ClaimSettings& settings) {
  ClaimResult result;
  nn::Series right{"right", {}}, bytes{"bytes of the cache over those of 4 heads", {}};
  double of_four = 0;
  for (const std::int64_t kv_heads : {4, 2, 1}) {
    const Measured found = measure(kv_heads, settings);
    if (kv_heads == 4) of_four = found.right;
    if (kv_heads == 4)
      result.criteria.push_back(at_least("recall of 8 pairs, right: 4 heads of keys", found.right, 0.95));
    if (kv_heads == 2) result.criteria.push_back(at_least("the same: 2 heads less 4", found.right - of_four, -0.02));
    if (kv_heads == 1) result.notes.push_back(fmt::format("1 head: {:.3f} right", found.right));
    result.criteria.push_back(
        exactly(fmt::format("bytes of the cache of 2 layers and 128 tokens, {} of 4 heads", kv_heads), found.bytes,
                32'768.0 * static_cast<double>(kv_heads)));
    right.points.insert(right.points.begin(), {static_cast<double>(kv_heads), found.right});
    bytes.points.insert(bytes.points.begin(), {static_cast<double>(kv_heads), found.bytes / 131'072});
  }
  result.chart = nn::LineChart{.title = "Heads of keys and values that four heads of queries share",
                               .x_title = "heads of keys and values",
                               .y_title = "share",
                               .series = {right, bytes}};
  return result;
}

}  // namespace

Claim grouped_heads() {
  return {"M-24", "Queries may share keys and values", "Shazeer 2019; Ainslie et al. 2023", run};
}

}  // namespace heed::examples
