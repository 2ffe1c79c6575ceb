// What fused attention, its definition and attention_weights have in common.
#pragma once

#include "heed/autograd/ops/attention_weights.h"

namespace heed {

/// Sizes and settings of one call, as far as options leave them open filled in.
struct AttentionSetting {
  std::int64_t batch, heads, groups, queries, keys, width, value_width;  // B H G T S K D; D = 0 without values
  std::int64_t causal_offset;                                            // in [-T, S]; S where not causal
  double scale;

  Shape weights() const { return {batch, heads, queries, keys}; }
};

/// ShapeError, DTypeError, Error unless everything fits. `value` is null where there are none.
AttentionSetting check_attention(std::string_view op, const Tensor& query, const Tensor& key, const Tensor* value,
                                 const Tensor& bias, const AttentionOptions& options);

/// The weights [B, G, H/G, T, S], and which of them a query has: those of keys that it may attend to and whose score is
/// not -inf.
struct SeenWeights {
  Variable weights;
  Tensor seen;
};
SeenWeights seen_weights(const AttentionSetting& setting, const Variable& query, const Variable& key,
                         const Variable& bias, const AttentionOptions& options);

}  // namespace heed
