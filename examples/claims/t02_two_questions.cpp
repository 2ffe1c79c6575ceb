// T-02: attention asked from outside: one text, two questions, two places to look at.
#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/attention/pooling.h"
#include "heed/nn/attention/score/general.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr models::RecallConfig task{.asked = 2};
constexpr std::int64_t width = 32;

// Reads the same text and is not told the question: one learned query, which is the same for both.
struct Unasked {
  explicit Unasked(const nn::ParameterSource& source)
      : keys({.num_embeddings = task.keys, .embedding_dim = width}, source),
        values({.num_embeddings = task.values, .embedding_dim = width}, source),
        pooling({.input = width, .hidden = width}, source),
        output({.in = width, .out = task.asked * task.values}, source) {}

  Variable logits(const models::RecallBatch& batch) const {
    const Variable text = keys.forward(batch.keys) + values.forward(batch.values);
    return reshape(output.forward(pooling.forward(text).context), {batch.keys.size(0), task.asked, task.values});
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("keys", self.keys);
    visitor("values", self.values);
    visitor("pooling", self.pooling);
    visitor("output", self.output);
  }

  nn::Embedding keys, values;
  nn::AttentionPooling pooling;
  nn::Linear output;
};

// How often the largest weights of the two questions stand on different pairs.
double looks_elsewhere(const Tensor& weights) {
  const Tensor places = argmax(weights, -1);  // [B, 2]
  return 1 - mean(to(equal(select(places, 1, 0), select(places, 1, 1)), DType::f64)).item();
}

ClaimResult run(const ClaimSettings& settings) {
  Generator weights = settings.generator(1), other = settings.generator(1), fresh = settings.generator(3);
  RecallReader<nn::GeneralScore> reader(task, width, {.query = width, .key = width}, weights);
  reader.queries = nn::Embedding({.num_embeddings = task.keys, .embedding_dim = width}, weights);
  const Unasked unasked(other);
  train_recall(reader, task, settings);
  train_recall(unasked, task, settings);
  const NoGrad no_gradients;
  const models::RecallBatch test = models::make_recall(task, recall_tests, fresh);
  const Tensor logits = reader.logits(test).value();
  const auto question = [&](std::int64_t q) { return accuracy(select(logits, 1, q), select(test.answers, 1, q)); };
  const Tensor looked = reader.read(test).weights.value();  // [B, 2, pairs]
  return {.criteria = {at_least("first question, values right", question(0), 0.95),
                       at_least("second question, values right", question(1), 0.95),
                       at_least("texts read at two places for two questions", looks_elsewhere(looked), 0.95),
                       at_most("not told the question, values right (chance: 0.125)",
                               recall_accuracy(unasked, task, settings), 0.20)},
          .attention = {recall_map("two questions", looked, test, 0)}};
}

}  // namespace

Claim two_questions() {
  return {"T-02", "A question from outside decides where the same text is looked at", "Wang et al. 2016", run};
}

}  // namespace heed::examples
