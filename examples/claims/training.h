// What claims that train a model have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::examples {

struct TrainingConfig {
  std::int64_t steps = 0;
  double learning_rate = 3e-3;  ///< of Adam, for the first half; then it falls in a straight line to 0
  double gradient_norm = 1;     ///< gradients are clipped to it
};

/// `steps` times: the gradients of next_loss(), clipped, and a step of Adam. Returns the last loss; Error when one is
/// not a finite number.
double train(const std::vector<Variable>& parameters, const TrainingConfig& config,
             const std::function<Variable()>& next_loss);

/// The share of rows of logits [N.., V] whose largest entry is at labels [N..] i64; with weights [N..] f32 only rows of
/// a weight other than 0 count.
double accuracy(const Tensor& logits, const Tensor& labels, const Tensor& weights = {});

/// The slope of the straight line through (x, y) with the least squared error. ShapeError unless x and y have one size,
/// two or more.
double slope(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace heed::examples
