#include "heed/autograd/internal/class_loss.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"

namespace heed {
namespace {

Tensor not_zero(const Tensor& x) { return logical_not(equal(x, 0)); }

// [N..] of scores [N.., V].
Shape rows_of(const Tensor& scores) {
  Shape rows = scores.shape();
  rows.erase(rows.rank() - 1);
  return rows;
}

// w over its largest size, so that a sum of sizes is finite; as it is where that is no number to divide by.
Tensor scaled(const Tensor& w) {
  const double largest = w.numel() == 0 ? 0 : max(abs(w)).item();
  return std::isfinite(largest) && largest > 0 ? w / largest : w;
}

}  // namespace

ClassLoss::ClassLoss(std::string_view op, std::string_view scores_name, const Tensor& scores, const Tensor& targets,
                     const ClassLossOptions& options)
    : op_(op), options_(options) {
  check_defined(op, scores_name, scores);
  check_defined(op, "targets", targets);
  const std::string of_scores = fmt::format("{}: {}", op, scores_name);
  if (!is_float(scores.dtype())) throw_dtype(of_scores, scores.dtype(), "f32 or f64");
  hard_ = targets.dtype() == DType::i64;
  if (!hard_ && targets.dtype() != scores.dtype())
    throw_dtype(fmt::format("{}: targets", op), targets.dtype(),
                fmt::format("i64 (classes) or {} (probabilities)", name(scores.dtype())));
  const Tensor &w = options.weights, &c = options.class_weights;
  bool fits = scores.rank() > 0;
  if (fits) {
    const Shape rows = rows_of(scores);
    fits = targets.shape() == (hard_ ? rows : scores.shape()) && (!w.defined() || w.shape() == rows) &&
           (!c.defined() || c.shape() == Shape{scores.size(-1)});
  }
  if (!fits) {
    const auto shape = [](const Tensor& t) { return t.defined() ? t.shape().str() : std::string("undefined"); };
    throw ShapeError(
        fmt::format("{}: {} {}, targets {}, weights {}, class_weights {}: expected [N.., V], [N..] i64 or [N.., V] of "
                    "probabilities, [N..], [V]",
                    op, scores_name, shape(scores), shape(targets), shape(w), shape(c)));
  }
  for (const Tensor* weight : {&w, &c})
    if (weight->defined())
      check_same_dtype(fmt::format("{}: {}", op, weight == &w ? "weights" : "class_weights"), scores.dtype(),
                       weight->dtype());
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw Error(
        fmt::format("{}: label_smoothing is {}, expected 0 <= label_smoothing <= 1", op, options.label_smoothing));
  if (!hard_ && options.ignore_index)
    throw Error(fmt::format("{}: ignore_index {} is for targets that are classes; these are probabilities", op,
                            *options.ignore_index));
  dtype_ = scores.dtype();
  classes_ = scores.size(-1);
  weights_ = w.defined() ? to(w, DType::f64) : ones(rows_of(scores), DType::f64);
  targets_ = targets;
  counts_ = not_zero(weights_);
  if (hard_) look_at_classes(targets);
}

void ClassLoss::look_at_classes(const Tensor& targets) {
  if (options_.ignore_index) counts_ = logical_and(counts_, logical_not(equal(targets, *options_.ignore_index)));
  const Tensor dense = targets.contiguous(), counts = counts_.contiguous();
  const std::int64_t* target = dense.data<std::int64_t>();
  for (std::int64_t i = 0; i < dense.numel(); ++i)
    if (counts.data<bool>()[i] && (target[i] < 0 || target[i] >= classes_))
      throw IndexError(fmt::format("{}: target {} in row {} is outside {} classes", op_, target[i], i, classes_));
  targets_ = where(counts_, targets, 0);
  weights_ = where(counts_, weights_, 0);
  if (!options_.class_weights.defined()) return;
  of_target_ = classes_ == 0 ? weights_ : index_select(to(options_.class_weights, DType::f64), 0, targets_);
  // With nothing spread over the other classes, a class of weight 0 leaves nothing of its row.
  if (options_.label_smoothing == 0) counts_ = logical_and(counts_, not_zero(of_target_));
}

bool ClassLoss::is_weighted_mean() const {
  return hard_ && options_.reduction == Reduction::mean &&
         (options_.label_smoothing == 0 || !options_.class_weights.defined());
}

Tensor ClassLoss::row_weights() const {
  const bool plain = !options_.weights.defined() && !options_.class_weights.defined() && !options_.ignore_index;
  if (plain) return {};
  return to(of_target_.defined() ? weights_ * of_target_ : weights_, dtype_);
}

Variable ClassLoss::seen(const Variable& scores) const { return where(unsqueeze(counts_, -1), scores, 0); }

Variable ClassLoss::of(const Variable& log_probabilities) const {
  const Variable logs = seen(log_probabilities);
  Variable cost = hard_ ? cost_of_classes(logs) : cost_of_probabilities(logs);
  Tensor factor = weights_, counts = counts_;
  if (options_.reduction == Reduction::mean) {
    const Tensor shares = scaled(weights_);
    const double total = sum(abs(of_target_.defined() ? shares * of_target_ : shares)).item();
    factor = total == 0 ? shares : shares / total;
    if (total == 0) counts = zeros(counts.shape(), DType::boolean);
  }
  const Variable terms = where(counts, cost * to(factor, dtype_), 0);
  return options_.reduction == Reduction::none ? terms : sum(terms);
}

Variable ClassLoss::cost_of_classes(const Variable& logs) const {
  const double smoothing = options_.label_smoothing;
  if (classes_ == 0) return sum(logs, {-1});  // no row counts
  const Tensor& c = options_.class_weights;
  Variable all;
  if (smoothing > 0) {
    all =
        sum(c.defined() ? where(not_zero(c), logs, 0) * c : logs, {-1}) * (-smoothing / static_cast<double>(classes_));
    if (smoothing == 1) return all;
  }
  Variable picked = squeeze(gather(logs, -1, unsqueeze(targets_, -1)), -1);
  if (of_target_.defined()) picked = where(not_zero(of_target_), picked, 0) * to(of_target_, dtype_);
  return smoothing > 0 ? all - picked * (1 - smoothing) : -picked;
}

Variable ClassLoss::cost_of_probabilities(const Variable& logs) const {
  const double smoothing = options_.label_smoothing;
  Tensor share = targets_;
  if (smoothing != 0) share = share * (1 - smoothing) + smoothing / static_cast<double>(classes_);
  if (options_.class_weights.defined()) share = share * options_.class_weights;
  return -sum(where(not_zero(share), logs, 0) * share, {-1});
}

}  // namespace heed
