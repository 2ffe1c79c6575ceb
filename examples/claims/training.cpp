#include "examples/claims/training.h"

#include <fmt/format.h>

#include "examples/support/training.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {

double train(const std::vector<Variable>& parameters, const TrainingConfig& config,
             const std::function<Variable()>& next_loss) {
  const TrainingHistory history = run_training({.parameters = parameters,
                                                .steps = config.steps,
                                                .learning_rate = config.learning_rate,
                                                .gradient_norm = config.gradient_norm,
                                                .next_loss = next_loss,
                                                .advice = ""});
  return history.train.points.empty() ? 0 : history.train.points.back().y;
}

double accuracy(const Tensor& logits, const Tensor& labels, const Tensor& weights) {
  const Tensor right = to(equal(argmax(logits, -1), labels), DType::f64);
  if (!weights.defined()) return mean(right).item();
  const Tensor counted = to(logical_not(equal(weights, 0)), DType::f64);
  return sum(right * counted).item() / sum(counted).item();
}

double slope(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size() || x.size() < 2)
    throw ShapeError(fmt::format("slope: {} x and {} y, expected two or more of each", x.size(), y.size()));
  double mean_x = 0, mean_y = 0, xy = 0, xx = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / static_cast<double>(x.size());
    mean_y += y[i] / static_cast<double>(x.size());
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return xy / xx;
}

}  // namespace heed::examples
