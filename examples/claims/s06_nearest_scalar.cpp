// S-06, S-07: which of eight numbers is the nearest? A layer of tanh between query and key can tell, a product of the
// two cannot: it only ever finds the largest or the smallest.
#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/measures.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/concat.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t numbers = 8, classes = 8, hidden = 32, width = 16;

struct Batch {
  Tensor keys, queries;    // [B, 8, 1], [B, 2, 1], from 0 to 1
  Tensor values, answers;  // [B, 8], [B, 2]: the class of each number, and of the one nearest to each query
};

Batch draw(std::int64_t batch, Generator& generator) {
  Batch result{uniform(generator, {batch, numbers, 1}), uniform(generator, {batch, 2, 1}), {}, {}};
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < batch * numbers; ++i) values.push_back(generator.uniform_int(classes));
  result.values = tensor(values, {batch, numbers});
  const Tensor nearest = argmax(-abs(result.queries - mT(result.keys)), -1);  // [B, 2]
  result.answers = gather(result.values, 1, nearest);
  return result;
}

template <class Score>
struct Reader {
  Reader(const typename Score::Config& config, const nn::ParameterSource& source)
      : values({.num_embeddings = classes, .embedding_dim = width}, source),
        attention(config, source),
        output({.in = width, .out = classes}, source) {}

  nn::AttentionOutput read(const Batch& batch) const {
    return attention.forward(
        {.query = Variable(batch.queries), .key = Variable(batch.keys), .value = values.forward(batch.values)});
  }
  Variable logits(const Batch& batch) const { return output.forward(read(batch).context); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("values", self.values);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Embedding values;
  nn::Attention<Score> attention;
  nn::Linear output;
};

struct Result {
  double right, apart;  // the mean distance of the weights of two queries
};

template <class Score>
Result trained(const typename Score::Config& config, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Reader<Score> reader(config, weights);
  train(nn::parameters(reader), {.steps = settings.quick ? 1500 : 2500, .learning_rate = 2e-2}, [&] {
    const Batch batch = draw(64, examples);
    return cross_entropy(reader.logits(batch), batch.answers);
  });
  const NoGrad no_gradients;
  const Batch test = draw(2000, fresh);
  const Tensor a = reader.read(test).weights.value();
  return {accuracy(reader.logits(test).value(), test.answers),
          mean(nn::total_variation(select(a, 1, 0), select(a, 1, 1))).item()};
}

ClaimResult run(const ClaimSettings& settings) {
  const Result additive = trained<nn::AdditiveScore>({.query = 1, .key = 1, .hidden = hidden}, settings),
               concat = trained<nn::ConcatScore>({.query = 1, .key = 1, .hidden = hidden}, settings),
               general = trained<nn::GeneralScore>({.query = 1, .key = 1}, settings);
  return {{at_least("nearest of 8 numbers, classes right: additive", additive.right, 0.80),
           at_least("the same: concat (S-07)", concat.right, 0.80), at_most("the same: general", general.right, 0.45),
           at_least("additive, total variation of two queries' weights", additive.apart, 0.05)}};
}

}  // namespace

Claim nearest_scalar() {
  return {"S-06", "A layer of tanh finds the nearest number, a product cannot", "Bahdanau et al. 2015", run};
}

}  // namespace heed::examples
