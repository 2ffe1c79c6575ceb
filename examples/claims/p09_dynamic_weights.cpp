// P-09: how much attention looks at a position follows from the input; the weights of a convolution and of a layer that
// is fully connected over positions are what was learned. At lengths that no training saw that decides.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/needle.h"
#include "heed/nn/attention/measures.h"
#include "heed/nn/attention/pooling.h"
#include "heed/nn/conv1d.h"
#include "heed/nn/linear.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::examples {
namespace {

constexpr std::int64_t shortest = 8, longest = 24, unseen = 48;  // lengths of training, and of the test

models::NeedleConfig task(std::int64_t length) { return {.length = length}; }

// One learned query finds the needle: 16·8 + 2·8 parameters, however long the text is.
struct AttentionReader {
  explicit AttentionReader(const nn::ParameterSource& source)
      : pooling({.input = task(0).width, .hidden = 8}, source),
        output({.in = task(0).width, .out = task(0).classes}, source) {}

  Variable logits(const Tensor& x) const { return output.forward(pooling.forward(Variable(x)).context); }
  Tensor weights(const Tensor& x) const { return pooling.forward(Variable(x)).weights.value(); }  // [B, L]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("pooling", self.pooling);
    visitor("output", self.output);
  }

  nn::AttentionPooling pooling;
  nn::Linear output;
};

// As many parameters as three learned mixtures of all positions: 3·48.
struct FullyConnectedReader {
  explicit FullyConnectedReader(const nn::ParameterSource& source)
      : mixing(source.make({{3, unseen}}, unseen)), output({.in = task(0).width, .out = task(0).classes}, source) {}

  /// x [B, L, D] -> [B, 3, D]: of a shorter text, its part of the weights.
  Variable mix(const Variable& x) const { return matmul(slice(mixing, 1, 0, x.size(1)), x); }
  Variable logits(const Tensor& x) const { return output.forward(mean(relu(mix(Variable(x))), 1)); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("mixing", self.mixing);
    visitor("output", self.output);
  }

  nn::Parameter mixing;
  nn::Linear output;
};

template <class Reader>
void train_reader(const Reader& reader, const ClaimSettings& settings) {
  Generator examples = settings.generator(2);
  train(nn::parameters(reader), {.steps = settings.quick ? 500 : 1500, .learning_rate = 1e-2}, [&] {
    const models::NeedleBatch batch =
        models::make_needles(task(shortest + examples.uniform_int(longest - shortest + 1)), 64, examples);
    return cross_entropy(reader.logits(batch.x), batch.labels);
  });
}

template <class Reader>
double right(const Reader& reader, std::int64_t length, const ClaimSettings& settings) {
  Generator fresh = settings.generator(3);
  const NoGrad no_gradients;
  const models::NeedleBatch test = models::make_needles(task(length), 2000, fresh);
  return accuracy(reader.logits(test.x).value(), test.labels);
}

// How much the feature y [B] depends on feature 0 of each position of its text x [B, L, D]: [B, L], each row's sum of
// absolute values 1. What is linear in x has its weights there.
Tensor weights_of(const Variable& y, const Variable& x) {
  const Tensor row = abs(select(gradients(sum(y), {x})[0], 2, 0));
  return (row / sum(row, -1, true)).contiguous();
}

// Mean total variation between the weights of a text and those of the next one.
double variation(const Tensor& weights) {
  return mean(nn::total_variation(slice(weights, 0, 0, -1), slice(weights, 0, 1, to_end))).item();
}

nn::Heatmap picture(const std::vector<Tensor>& weights, const models::NeedleBatch& batch) {
  nn::Heatmap map{.title = "Weights of two texts: attention, fully connected, convolution",
                  .target_title = "network and text",
                  .source_title = "position"};
  std::vector<Tensor> rows;
  for (const char* name : {"attention", "fully connected", "convolution"})
    for (const int text : {0, 1}) {
      map.target.push_back(fmt::format("{} {}", name, text + 1));
      map.gold.push_back({select(batch.positions, 0, text).item<std::int64_t>()});
    }
  for (const Tensor& all : weights)
    for (const int text : {0, 1}) rows.push_back(select(all, 0, text));
  map.weights = stack(rows, 0);
  for (std::int64_t s = 0; s < map.weights.size(1); ++s) map.source.push_back(fmt::to_string(s));
  return map;
}

ClaimResult run(const ClaimSettings& settings) {
  Generator generator = settings.generator(1), fresh = settings.generator(4);
  const AttentionReader attention(generator);
  const FullyConnectedReader connected(generator);
  const nn::Conv1d convolution(
      {.in = task(0).width, .out = task(0).width, .kernel = 3, .padding = nn::Conv1dPaddingRule::same}, generator);
  train_reader(attention, settings);
  train_reader(connected, settings);

  const models::NeedleBatch texts = models::make_needles(task(20), 500, fresh);
  const Variable x(texts.x, true);
  const std::vector<Tensor> weights{attention.weights(texts.x),
                                    weights_of(select(select(connected.mix(x), 2, 0), 1, 0), x),
                                    weights_of(select(select(convolution.forward(mT(x)), 1, 0), 1, 10), x)};
  ClaimResult result;
  const double attention_right = right(attention, unseen, settings),
               connected_right = right(connected, unseen, settings);
  result.criteria = {
      at_least("total variation between the weights of two texts: attention", variation(weights[0]), 0.2),
      exactly("the same: fully connected over positions", variation(weights[1]), 0),
      exactly("the same: convolution", variation(weights[2]), 0),
      exactly("parameters of the attention less those of the fully connected network",
              static_cast<double>(nn::parameter_count(attention) - nn::parameter_count(connected)), 0),
      at_least(fmt::format("needle among {} vectors, trained on {} to {}: attention's share right less the other's",
                           unseen, shortest, longest),
               attention_right - connected_right, 0.3)};
  for (const std::int64_t length : {shortest, longest, std::int64_t{32}, unseen})
    result.notes.push_back(fmt::format("{:2} vectors, classes right: attention {:.3f}, fully connected {:.3f}", length,
                                       right(attention, length, settings), right(connected, length, settings)));
  result.map = picture(weights, texts);
  return result;
}

}  // namespace

Claim dynamic_weights() {
  return {"P-09", "Attention weights follow from the input, those of other networks are fixed", "textbooks", run};
}

}  // namespace heed::examples
