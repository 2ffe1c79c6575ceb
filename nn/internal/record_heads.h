// What a recorder is told of fused attention, which keeps no weights itself.
#pragma once

#include "heed/autograd/ops/attention_weights.h"
#include "heed/nn/attention/recorder.h"

namespace heed::nn {

/// What scaled_dot_product_attention(query, key, value, bias, options) did, whose result `context` is replaced by one
/// that tells of its gradient where recorders ask for that. `weights` are those of the same options, undefined where
/// nobody has computed them.
AttentionRecord record_heads(const Variable& query, const Variable& key, const Variable& value, const Variable& bias,
                             const AttentionOptions& options, const Variable& weights, Variable& context);

}  // namespace heed::nn
