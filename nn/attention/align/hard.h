// Hard attention by REINFORCE (Xu et al. 2015; Williams 1992): each query attends to one key, which is drawn.
//
//   const AttentionOutput found = attention.forward(input, {.generator = &generator});
//   const Tensor reward = …;  // [B, T], of the keys that were drawn: a number, which no gradient runs through
//   const Variable loss = task_loss + reinforce_loss(found.log_probability, reward, baseline.value()) - 0.002 *
//   sum(found.entropy); baseline.update(reward);
#pragma once

#include "heed/nn/attention/align_queries.h"

namespace heed::nn {

/// One key s of each query, drawn from softmax(e) over the allowed ones: weight 1 for it, 0 for the others, a constant.
/// What trains the scores is log_probability, ln softmax(e)_s, and entropy, -Σ a ln a. Without a generator the key is
/// the likeliest. A query that may attend to nothing has weights, log_probability and entropy 0. One number is drawn
/// for each query, in row-major order.
///
/// With a `soft_share` p > 0, an example is soft with probability p: its queries' weights are softmax(e), through which
/// the gradient of the task's loss runs, and their log_probability is 0 (Xu et al. 2015 take p = 0.5, against the
/// variance of the estimate). Which examples are is drawn first at every call, a number for each; without a generator
/// none is.
struct HardAlign {
  static constexpr bool chooses_key = true;

  /// Error unless 0 <= soft_share <= 1.
  explicit HardAlign(double share);
  HardAlign() : HardAlign(0) {}

  AlignOutput forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const;

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  double soft_share;
};

/// -mean((reward - baseline)·log_probability): its gradient is an estimate of that of -E[reward] (a mean over the
/// draws). Reward and baseline are numbers: neither is trained by it. ShapeError unless both have one shape.
Variable reinforce_loss(const Variable& log_probability, const Tensor& reward, double baseline = 0);

/// Σ_s softmax(e)_s·reward_s, what a drawn key is worth on average: scores and rewards [B, T, S] -> [B, T]. The exact
/// sum over all keys, for few of them, and to check estimates.
Variable expected_reward(const Variable& scores, const Tensor& mask, const Tensor& rewards);

/// b <- (1 - rate)·b + rate·mean(reward), from 0 on (Xu et al. 2015: rate 0.1).
class MovingAverageBaseline {
 public:
  explicit MovingAverageBaseline(double rate = 0.1);  ///< Error unless 0 < rate <= 1

  double value() const { return value_; }
  void update(const Tensor& reward);

 private:
  double rate_, value_ = 0;
};

}  // namespace heed::nn
