// S-11: two halves of the answer stand in two items. Weights for each feature take each half from its own; one weight
// for all features mixes them.
#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/recall.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/featurewise.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

// Each of four items has a class of eight in either half of its value, one-hot; the query names two items, and asks for
// the first half of the one and the second half of the other.
constexpr models::RecallConfig task{.pairs = 4, .asked = 2, .keys = 16, .values = 64};
constexpr std::int64_t classes = 8, width = 32;

Tensor one_hot(const Tensor& ids) {  // [..] -> [.., classes]
  return to(equal(unsqueeze(ids, -1), arange(classes)), DType::f32);
}

// The halves of a value's number.
Tensor half(const Tensor& values, bool second) {
  Tensor result = empty(values.shape(), DType::i64);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    const std::int64_t value = values.contiguous().data<std::int64_t>()[i];
    result.mutable_data<std::int64_t>()[i] = second ? value / classes : value % classes;
  }
  return result;
}

template <class Score>
struct Reader {
  Reader(const typename Score::Config& config, const nn::ParameterSource& source)
      : keys({.num_embeddings = task.keys, .embedding_dim = width}, source),
        asked({.num_embeddings = 2 * task.keys, .embedding_dim = width}, source),
        attention(config, source),
        output({.in = 2 * classes, .out = 2 * classes}, source) {}

  Variable logits(const models::RecallBatch& batch) const {  // [B, 2, classes]
    const Tensor places = reshape(arange(2), {1, 2}) * task.keys;
    const Variable query = sum(asked.forward(batch.queries + places), Axes{1}, true);
    const Tensor values = concat({one_hot(half(batch.values, false)), one_hot(half(batch.values, true))}, 2);
    const nn::AttentionOutput found =
        attention.forward({.query = query, .key = keys.forward(batch.keys), .value = Variable(values)});
    return reshape(output.forward(found.context), {-1, 2, classes});
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("keys", self.keys);
    visitor("asked", self.asked);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Embedding keys, asked;
  nn::Attention<Score> attention;
  nn::Linear output;
};

// The first half of the first answer, the second half of the second.
Tensor halves(const models::RecallBatch& batch) {
  return stack({half(select(batch.answers, 1, 0), false), half(select(batch.answers, 1, 1), true)}, 1);
}

template <class Score>
double right(const typename Score::Config& config, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Reader<Score> reader(config, weights);
  train(nn::parameters(reader), {.steps = settings.quick ? 1000 : 1500, .learning_rate = 1e-2}, [&] {
    const models::RecallBatch batch = models::make_recall(task, 64, examples);
    return cross_entropy(reader.logits(batch), halves(batch));
  });
  const NoGrad no_gradients;
  const models::RecallBatch test = models::make_recall(task, 2000, fresh);
  const Tensor told = to(equal(argmax(reader.logits(test).value(), -1), halves(test)), DType::f64);
  return mean(to(equal(mean(told, Axes{-1}), 1), DType::f64)).item();
}

ClaimResult run(const ClaimSettings& settings) {
  return {{at_least("both halves right: weights of each feature",
                    right<nn::FeaturewiseScore>({.query = width, .key = width, .hidden = 64, .features = 2 * classes},
                                                settings),
                    0.9),
           at_most("the same: one weight for all",
                   right<nn::AdditiveScore>({.query = width, .key = width, .hidden = 64}, settings), 0.6)}};
}

}  // namespace

Claim featurewise() {
  return {"S-11", "Weights of each feature read two items at once and keep them apart", "Shen et al. 2018", run};
}

}  // namespace heed::examples
