// Cross-entropy of tensor/ops/cross_entropy.h, recorded: one pass forward, one back, no table of probabilities in
// between.
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

/// Weighted mean of -log softmax(logits)[target], over Σ|w|: logits [N.., V], targets [N..] i64, weights [N..] or
/// undefined (all 1) -> 0-d. Rows of weight 0 (padding) count for nothing and get gradient 0; negative weights are as
/// good as others. dlogits = dy·w/Σ|w|·(softmax - one-hot); saves logits and two numbers per row.
Variable cross_entropy(const Variable& logits, const Tensor& targets, const Tensor& weights = {});

/// What it fuses: gather(log_softmax(logits)), weighted.
Variable cross_entropy_definition(const Variable& logits, const Tensor& targets, const Tensor& weights = {});

}  // namespace heed
