// The weights of scaled dot-product attention, every one of them: for looking at, and where an operation of one's own
// goes between weights and values. What only mixes values takes autograd/fused/scaled_dot_product_attention.h, which
// keeps no weights.
#pragma once

#include <optional>

#include "heed/autograd/variable.h"
#include "heed/tensor/random/random.h"

namespace heed {

/// Which keys a query may attend to, and how. Every default leaves attention plain.
struct AttentionOptions {
  Tensor mask = {};                                ///< bool, true = may be attended; broadcasts to [B, H, T, S]
  bool causal = false;                             ///< query t attends to keys s <= t + causal_offset only
  std::optional<std::int64_t> causal_offset = {};  ///< S - T: the last query sees every key
  std::optional<double> scale = {};                ///< 1/√K
  double dropout = 0;  ///< the probability with which a weight becomes 0; the others are divided by 1 - dropout
  Generator* generator = nullptr;  ///< draws what is dropped, one draw for each of [B, H, T, S] in row-major order
};

/// softmax(scale·q·kᵀ + bias) over the keys that may be attended to, without dropout: query [B, H, T, K], key
/// [B, G, S, K] -> [B, H, T, S], f32 or f64, one dtype. H is a multiple of G: head h reads group h/(H/G), rounded down.
/// The bias, which may be undefined, broadcasts to [B, H, T, S]. A key whose score is -inf counts as masked. A query
/// with nothing to attend to has weights 0. A key is masked whatever stands there: no NaN of it reaches a weight or a
/// gradient. ShapeError, DTypeError; Error for a scale that is not finite or a dropout outside [0, 1].
Variable attention_weights(const Variable& query, const Variable& key, const Variable& bias,
                           const AttentionOptions& options = {});
inline Variable attention_weights(const Variable& query, const Variable& key, const AttentionOptions& options = {}) {
  return attention_weights(query, key, no_bias, options);
}

}  // namespace heed
