// P-22: where every vector weighs the same, the one that matters is drowned by the noise of all others, the more the
// longer the sequence; attention weighs it alone.
#include <fmt/format.h>

#include <array>

#include "examples/attend/gold.h"
#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/models/task_model.h"
#include "heed/models/task_model_parts.h"
#include "heed/models/tasks/needle.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/nn/attention/score/uniform.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

constexpr std::array<std::int64_t, 3> lengths{4, 16, 64};
constexpr std::int64_t width = 32;
constexpr models::NeedleConfig task;  // vectors of width 16, 8 classes

models::NeedleBatch needles(std::int64_t length, std::int64_t batch, Generator& generator) {
  models::NeedleConfig config = task;
  config.length = length;
  return models::make_needles(config, batch, generator);
}

// The same network but for the score: one learned query reads what linear layers make of the vectors.
template <class Score>
using Classifier = models::TaskModel<models::LinearFeatures, models::LearnedQuery, nn::Attention<Score>, nn::Linear>;

struct Result {
  double right, on_needle;
  Tensor weights, positions;  // [tests, length], [tests]
};

template <class Score>
Result trained(std::int64_t length, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const Classifier<Score> net({.feature = {.in = task.width, .out = width},
                               .query = {.query = width},
                               .attention = {},
                               .output = {.in = width, .out = task.classes},
                               .key = width,
                               .value = width},
                              weights);
  // All of it takes three seconds, so --quick is no smaller.
  train(nn::parameters(net), {.steps = 300, .learning_rate = 1e-2}, [&] {
    const models::NeedleBatch batch = needles(length, 64, examples);
    return cross_entropy(squeeze(net.forward({.x = Variable(batch.x)}).y, 1), batch.labels);
  });
  const models::NeedleBatch test = needles(length, 2000, fresh);
  const NoGrad no_gradients;
  const auto found = net.forward({.x = Variable(test.x)});
  const Tensor looked = squeeze(found.attention.weights.value(), 1);
  return {accuracy(squeeze(found.y.value(), 1), test.labels), weight_on(looked, test.positions), looked,
          test.positions};
}

// A row for each of the first sequences.
nn::Heatmap picture(const Result& found) {
  nn::Heatmap map{.title = "What attention weighs among vectors of noise",
                  .weights = slice(found.weights, 0, 0, 8).clone(),
                  .target_title = "sequence",
                  .source_title = "vector"};
  for (std::int64_t b = 0; b < 8; ++b) {
    const std::int64_t gold = found.positions.data<std::int64_t>()[b];
    map.target.push_back(fmt::format("{}: marked {}", b + 1, gold + 1));
    map.gold.push_back({gold});
  }
  for (std::int64_t s = 0; s < found.weights.size(1); ++s) map.source.push_back(fmt::to_string(s + 1));
  return map;
}

ClaimResult run(const ClaimSettings& settings) {
  ClaimResult result;
  result.chart = nn::LineChart{.title = "The class of one vector among many",
                               .x_title = "vectors",
                               .y_title = "classes right",
                               .series = {{"attention", {}}, {"equal weights", {}}},
                               .reference = nn::ReferenceLine{"chance", 1.0 / task.classes}};
  Result attention, equal;
  double equal_of_few = 0;
  for (const std::int64_t length : lengths) {
    attention = trained<nn::ScaledDotScore>(length, settings);
    equal = trained<nn::UniformScore>(length, settings);
    if (length == lengths.front()) equal_of_few = equal.right;
    if (length == 16) result.map = picture(attention);
    const auto x = static_cast<double>(length);
    result.chart->series[0].points.push_back({x, attention.right});
    result.chart->series[1].points.push_back({x, equal.right});
    result.notes.push_back(
        fmt::format("{:>2} vectors: attention {:.3f}, with a weight of {:.3f} on the one that "
                    "matters; equal weights {:.3f}, {:.3f}",
                    length, attention.right, attention.on_needle, equal.right, equal.on_needle));
  }
  result.criteria = {
      at_least("64 vectors, classes right: attention", attention.right, 0.95),
      at_least("the same: mean weight on the vector that matters", attention.on_needle, 0.8),
      at_most("the same: equal weights, classes right (chance: 0.125)", equal.right, 0.40),
      at_least("equal weights: classes right with 4 vectors less with 64", equal_of_few - equal.right, 0.4)};
  result.attention = {{.layer = "attention",
                       .queries = result.map->target,
                       .keys = result.map->source,
                       .weights = result.map->weights}};
  return result;
}

}  // namespace

Claim needle_in_noise() {
  return {"P-22", "What matters is drowned by noise where all weighs the same, and attention finds it",
          "Bahdanau et al. 2015; Yang et al. 2016", run};
}

}  // namespace heed::examples
