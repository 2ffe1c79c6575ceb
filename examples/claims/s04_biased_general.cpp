// S-04: where the query says nothing, a bias still weighs the keys by what they are.
#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/needle.h"
#include "heed/nn/attention/score/biased_general.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/linear.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

// 64 vectors and a payload of 4, not 8 and 5: the mean of the catalogue's eight, which is what the general score is
// left with, still tells more than half of the classes.
constexpr models::NeedleConfig task{.length = 64, .payload = 4};

template <class Score>
struct Reader {
  explicit Reader(const nn::ParameterSource& source)
      : attention({.query = task.width, .key = task.width}, source),
        output({.in = task.width, .out = task.classes}, source) {}

  nn::AttentionOutput read(const Tensor& x) const {
    const Variable nothing(zeros({x.size(0), 1, task.width}));
    return attention.forward({.query = nothing, .key = Variable(x)});
  }
  Variable logits(const Tensor& x) const { return output.forward(select(read(x).context, 1, 0)); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Attention<Score> attention;
  nn::Linear output;
};

struct Result {
  double right, largest;  // the mean of the largest weights
};

template <class Score>
Result trained(const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Reader<Score> reader(weights);
  train(nn::parameters(reader), {.steps = 600, .learning_rate = 1e-2}, [&] {
    const models::NeedleBatch batch = models::make_needles(task, 64, examples);
    return cross_entropy(reader.logits(batch.x), batch.labels);
  });
  const NoGrad no_gradients;
  const models::NeedleBatch test = models::make_needles(task, 2000, fresh);
  return {accuracy(reader.logits(test.x).value(), test.labels),
          mean(max(reader.read(test.x).weights.value(), Axes{-1})).item()};
}

ClaimResult run(const ClaimSettings& settings) {
  const Result biased = trained<nn::BiasedGeneralScore>(settings), general = trained<nn::GeneralScore>(settings);
  return {{at_least("a query of zeros, classes right: biased general", biased.right, 0.95),
           at_most("the same: general (chance: 0.125)", general.right, 0.25),
           exactly("its largest weight: all alike", general.largest, 1.0 / task.length)}};
}

}  // namespace

Claim biased_general() {
  return {"S-04", "A bias of the keys finds what no query asks for", "Sordoni et al. 2016", run};
}

}  // namespace heed::examples
