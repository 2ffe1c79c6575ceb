// Losses over classes: what counts, for how much, and what a class or a row of probabilities costs.
#pragma once

#include <optional>

#include "heed/autograd/ops/losses.h"

namespace heed {

/// What nll_loss and cross_entropy (autograd/fused/cross_entropy.h) may be told. Every default leaves the loss plain.
struct ClassLossOptions {
  Tensor weights = {};        ///< [N..] of each row; one of weight 0 is not looked at, and may hold any target
  Tensor class_weights = {};  ///< [V] of each class
  std::optional<std::int64_t> ignore_index = {};  ///< a row with this target is not looked at (as with weight 0)
  double label_smoothing = 0;                     ///< in [0, 1]: this share of the probability, spread over all classes
  Reduction reduction = Reduction::mean;
};

/// Negative log-likelihood of targets under the log-probabilities x [N.., V] (those of log_softmax; f32 or f64), with
/// row weights w, class weights c and label smoothing s (Szegedy et al. 2016). Targets are
/// * classes [N..] i64: l_i = -w_i·((1 - s)·c_t·x_it + s/V·Σ_j c_j·x_ij) with t = targets_i. The mean is Σ l_i /
///   Σ |w_i·c_t|, over the rows that count;
/// * or probabilities [N.., V] of x's dtype: l_i = -w_i·Σ_j ((1 - s)·targets_ij + s/V)·c_j·x_ij, where a class of
///   probability or weight 0 costs 0 even if x is -inf. The mean is Σ l_i / Σ |w_i|.
/// The mean is 0 where that divisor is: if every row is ignored, say. Reduction::none gives [N..], 0 in rows that do
/// not count. dx is the derivative, 0 in those rows; targets and weights are numbers and get no gradient; saves them,
/// not x. ShapeError, DTypeError; IndexError for a class outside [0, V) in a row that counts; Error for
/// label_smoothing, and for an ignore_index beside probabilities.
Variable nll_loss(const Variable& x, const Tensor& targets, const ClassLossOptions& options = {});

}  // namespace heed
