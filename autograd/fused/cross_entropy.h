// Cross-entropy of class scores, fused: one pass forward, one back, no table of probabilities in between.
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

/// Σ_i w_i·(log Σ_j exp(x_ij) - x_i,target_i) / Σ_i |w_i| over the rows i of logits x [N.., V] -> 0-d; targets [N..]
/// i64; weights [N..] of x's dtype (f32 or f64), or undefined for all 1. A row of weight 0 is not looked at, its target
/// may be any number and its gradient is 0: that is how padding is left out. A negative weight makes its target less
/// likely (the advantages of a policy gradient, which may well sum to 0). 0 when every weight is 0. dx_ij =
/// dy·w_i/Σ|w|·(softmax(x_i)_j - [j = target_i]); saves x, targets, weights and two numbers per row. ShapeError,
/// DTypeError; IndexError for a target outside [0, V) in a row that counts.
Variable cross_entropy(const Variable& logits, const Tensor& targets, const Tensor& weights = {});

/// What it fuses: gather(log_softmax(logits)), weighted.
Variable cross_entropy_definition(const Variable& logits, const Tensor& targets, const Tensor& weights = {});

}  // namespace heed
