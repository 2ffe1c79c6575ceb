// The settings of a loss over classes, checked, and what follows from them (autograd/ops/nll_loss.h has the formulas).
#pragma once

#include <string_view>

#include "heed/autograd/ops/nll_loss.h"

namespace heed {

class ClassLoss {
 public:
  /// Checks all of it against scores [N.., V], which messages call `scores_name`, and throws what nll_loss() says.
  ClassLoss(std::string_view op, std::string_view scores_name, const Tensor& scores, const Tensor& targets,
            const ClassLossOptions& options);

  /// True when the loss is the mean over rows, weighted, of -(1 - s)·x_it - s·mean_j x_ij, and the weights w_i·c_t (or
  /// undefined for all 1).
  bool is_weighted_mean() const;
  Tensor row_weights() const;

  /// The scores with zeros in the rows that do not count.
  Variable seen(const Variable& scores) const;

  /// The loss of log-probabilities.
  Variable of(const Variable& log_probabilities) const;

 private:
  void look_at_classes(const Tensor& targets);
  Variable cost_of_classes(const Variable& logs) const;
  Variable cost_of_probabilities(const Variable& logs) const;

  std::string_view op_;
  ClassLossOptions options_;
  DType dtype_;
  std::int64_t classes_;
  bool hard_;         // targets are classes
  Tensor targets_;    // classes, 0 in rows that do not count; or probabilities
  Tensor weights_;    // [N..] f64: w_i, 0 where the target is ignored
  Tensor of_target_;  // [N..] f64: c_t, where there are class weights and targets are classes
  Tensor counts_;     // [N..] bool
};

}  // namespace heed
