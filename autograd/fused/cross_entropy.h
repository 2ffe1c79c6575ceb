// Cross-entropy of class scores, fused: one pass forward, one back, no table of probabilities in between.
#pragma once

#include "heed/autograd/ops/nll_loss.h"

namespace heed {

/// Σ_i w_i·(log Σ_j exp(x_ij) - x_i,target_i) / Σ_i |w_i| over the rows i of logits x [N.., V] -> 0-d; targets [N..]
/// i64; weights [N..] of x's dtype (f32 or f64), or undefined for all 1. A row of weight 0 is not looked at, its target
/// may be any number and its gradient is 0: that is how padding is left out. A negative weight makes its target less
/// likely (the advantages of a policy gradient, which may well sum to 0). 0 when every weight is 0. dx_ij =
/// dy·w_i/Σ|w|·(softmax(x_i)_j - [j = target_i]); saves x, targets, weights and two numbers per row. ShapeError,
/// DTypeError; IndexError for a target outside [0, V) in a row that counts.
Variable cross_entropy(const Variable& logits, const Tensor& targets, const Tensor& weights = {});

/// The same with all that nll_loss (autograd/ops/nll_loss.h) may be told: nll_loss(log_softmax(logits), targets,
/// options), for classes [N..] i64 and for probabilities [N.., V]. The weighted mean of classes is fused, with w_i·c_t
/// for the weights above, and with label smoothing s but not beside class weights: then a row costs (1 - s)·(log Σ_j
/// exp(x_ij) - x_it) + s·(log Σ_j exp(x_ij) - mean_j x_ij). For what else there is log_softmax(logits) is made and
/// saved.
///   cross_entropy(logits, targets, {.ignore_index = padding, .label_smoothing = 0.1})
Variable cross_entropy(const Variable& logits, const Tensor& targets, const ClassLossOptions& options);

/// What it fuses: gather(log_softmax(logits)), weighted.
Variable cross_entropy_definition(const Variable& logits, const Tensor& targets, const Tensor& weights = {});

}  // namespace heed
