#include "heed/nn/attention/align/hard.h"

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {
namespace {

// The first key at which the sum of weights passes u times their total; a key of weight 0 is never chosen.
std::int64_t chosen(std::span<const double> weights, double u) {
  double total = 0, sum = 0;
  for (double w : weights) total += w;
  std::int64_t last = 0;
  for (std::size_t s = 0; s < weights.size(); ++s) {
    if (!(weights[s] > 0)) continue;
    last = static_cast<std::int64_t>(s);
    sum += weights[s];
    if (sum > u * total) break;
  }
  return last;
}

// weights [B, T, S] -> [B, T, 1] i64.
Tensor draw(const Tensor& weights, Generator& generator) {
  const Tensor rows = to(weights, DType::f64).contiguous();
  const auto keys = static_cast<std::size_t>(weights.size(2));
  Tensor result = empty({weights.size(0), weights.size(1), 1}, DType::i64);
  const double* row = rows.data<double>();
  for (std::int64_t& key : std::span(result.mutable_data<std::int64_t>(), to_size(result.numel()))) {
    key = chosen({row, keys}, generator.uniform());
    row += keys;
  }
  return result;
}

}  // namespace

HardAlign::HardAlign(double share) : soft_share(share) {
  if (!(share >= 0 && share <= 1))
    throw Error(fmt::format("hard align: soft_share is {}, expected 0 <= soft_share <= 1", share));
}

AlignOutput HardAlign::forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const {
  check_shapes("hard align", {{"scores", scores.value(), "B T S"}});
  const Variable weights = softmax(scores, mask);
  if (scores.size(2) == 0) return {weights.detach(), sum(weights, 2), sum(weights, 2)};
  Tensor soft;  // which examples: [B, 1]
  if (queries.generator != nullptr && soft_share > 0)
    soft = uniform(*queries.generator, {scores.size(0), 1}, 0, 1, DType::f64) < soft_share;
  const Tensor key = queries.generator != nullptr ? draw(weights.value(), *queries.generator)
                                                  : unsqueeze(argmax(weights.value(), 2), 2);
  const Tensor possible = weights.value() > 0;
  const Variable one(to(logical_and(equal(arange(scores.size(2)), key), possible), scores.dtype()));
  // -inf where nothing may be attended, and where a weight is too small for its dtype
  const Variable logarithms = where(possible, log_softmax(scores, mask), 0);
  const Variable log_probability = squeeze(gather(logarithms, 2, key), 2), entropy = -sum(weights * logarithms, 2);
  if (!soft.defined()) return {one, log_probability, entropy};
  return {where(unsqueeze(soft, 2), weights, one), where(soft, 0, log_probability), entropy};
}

Variable reinforce_loss(const Variable& log_probability, const Tensor& reward, double baseline) {
  check_defined("reinforce_loss", "log_probability", log_probability.value());
  check_defined("reinforce_loss", "reward", reward);
  if (!(log_probability.shape() == reward.shape()))
    throw ShapeError(fmt::format("reinforce_loss: log_probability {}, reward {}: expected one shape",
                                 log_probability.shape().str(), reward.shape().str()));
  return -mean(Variable(reward - baseline) * log_probability);
}

Variable expected_reward(const Variable& scores, const Tensor& mask, const Tensor& rewards) {
  check_shapes("expected_reward", {{"scores", scores.value(), "B T S"}, {"rewards", rewards, "B T S"}});
  return sum(softmax(scores, mask) * Variable(rewards), 2);
}

MovingAverageBaseline::MovingAverageBaseline(double rate) : rate_(rate) {
  if (!(rate > 0 && rate <= 1)) throw Error(fmt::format("baseline: rate is {}, expected 0 < rate <= 1", rate));
}

void MovingAverageBaseline::update(const Tensor& reward) {
  if (reward.numel() > 0) value_ = (1 - rate_) * value_ + rate_ * mean(reward).item();
}

}  // namespace heed::nn
