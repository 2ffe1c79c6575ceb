// T-06: one learned query reads a sequence once and finds the vector that matters; a mean over all drowns it
// (models/tasks/needle.h).
#include <fmt/format.h>

#include "examples/attend/gold.h"
#include "examples/attend/mechanisms.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/needle.h"
#include "heed/nn/attention/pooling.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

using models::NeedleBatch;

constexpr models::NeedleConfig task;  // 20 vectors of width 16, 8 classes
constexpr std::int64_t hidden = 32;

struct Pooled {
  explicit Pooled(const nn::ParameterSource& source)
      : pooling({.input = task.width, .hidden = hidden}, source),
        output({.in = task.width, .out = task.classes}, source) {}
  Variable forward(const Tensor& x) const { return output.forward(pooling.forward(x).context); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("pooling", self.pooling);
    visitor("output", self.output);
  }

  nn::AttentionPooling pooling;
  nn::Linear output;
};

// What a classifier is left with that does not look for anything: the mean of all vectors, or the last.
template <bool last>
struct Unattended {
  explicit Unattended(const nn::ParameterSource& source) : output({.in = task.width, .out = task.classes}, source) {}
  Variable forward(const Tensor& x) const { return output.forward(last ? select(x, 1, -1) : mean(x, Axes{1})); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("output", self.output);
  }

  nn::Linear output;
};

// A network that carries what it has found to the end in its state.
struct Gru {
  explicit Gru(const nn::ParameterSource& source)
      : rnn({.cell = {.input = task.width, .hidden = hidden}}, source),
        output({.in = hidden, .out = task.classes}, source) {}
  Variable forward(const Tensor& x) const { return output.forward(select(rnn.forward({.x = x}).output, 1, -1)); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("rnn", self.rnn);
    visitor("output", self.output);
  }

  nn::Recurrent<nn::GruCell> rnn;
  nn::Linear output;
};

template <class Net>
Net trained(const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2);
  Net net(weights);
  train(nn::parameters(net), {.steps = settings.quick ? 300 : 1500, .learning_rate = 1e-2}, [&] {
    const NeedleBatch batch = models::make_needles(task, 64, examples);
    return cross_entropy(net.forward(batch.x), batch.labels);
  });
  return net;
}

template <class Net>
double right(const Net& net, const NeedleBatch& test) {
  const NoGrad no_gradients;
  return accuracy(net.forward(test.x).value(), test.labels);
}

nn::Heatmap picture(const Tensor& weights, const NeedleBatch& test) {
  nn::Heatmap map{.title = "What attention pooling looked at",
                  .weights = slice(weights, 0, 0, 8).clone(),
                  .target_title = "sequence",
                  .source_title = "vector"};
  for (std::int64_t b = 0; b < 8; ++b) {
    const std::int64_t gold = test.positions.data<std::int64_t>()[b];
    map.target.push_back(fmt::format("{}: marked {}", b + 1, gold + 1));
    map.gold.push_back({gold});
  }
  for (std::int64_t t = 0; t < task.length; ++t) map.source.push_back(fmt::to_string(t + 1));
  return map;
}

// The same for the page: a row for each sequence.
nn::AttentionMap rows_of(const nn::Heatmap& map) {
  return {.layer = "pooling", .queries = map.target, .keys = map.source, .weights = map.weights};
}

ClaimResult run(const ClaimSettings& settings) {
  Generator fresh = settings.generator(3);
  const NeedleBatch test = models::make_needles(task, 2000, fresh);
  const Pooled attention = trained<Pooled>(settings);
  const Tensor weights = attention.pooling.forward(test.x).weights.value();
  // "Last state" is that of the states which attention reads, and these are the vectors themselves. A GRU's last state
  // is no such baseline: over 20 steps it learns to wait for the mark, so it stands below without a criterion.
  return {.criteria = {at_least("attention pooling, classes right", right(attention, test), 0.97),
                       at_most("mean pooling, classes right", right(trained<Unattended<false>>(settings), test), 0.60),
                       at_most("last vector, classes right", right(trained<Unattended<true>>(settings), test), 0.60)},
          .notes = {fmt::format("mean weight on the marked vector {:.3f} (uniform {:.3f}); the last state of a GRU, "
                                "classes right: {:.4g}",
                                weight_on(weights, test.positions), 1.0 / task.length,
                                right(trained<Gru>(settings), test))},
          .map = picture(weights, test),
          .attention = {rows_of(picture(weights, test))}};
}

}  // namespace

Claim attention_pooling() {
  return {"T-06", "One learned query finds the one vector of 20 that matters", "Yang et al. 2016; Lin et al. 2017",
          run};
}

}  // namespace heed::examples
