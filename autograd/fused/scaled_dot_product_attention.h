// Scaled dot-product attention (Vaswani et al. 2017), fused as by Dao et al. (FlashAttention, 2022) and Milakov and
// Gimelshein (online softmax, 2018): the scores [B, H, T, S] exist one tile at a time, so memory grows with T + S.
#pragma once

#include "heed/autograd/ops/attention_weights.h"

namespace heed {

/// y = softmax(scale·q·kᵀ + bias)·v over the keys that may be attended to: query [B, H, T, K], key [B, G, S, K], value
/// [B, G, S, D] -> [B, H, T, D], f32 or f64, one dtype. H is a multiple of G: head h reads group h/(H/G), rounded down.
/// The bias, which may be undefined, broadcasts to [B, H, T, S]; its gradient takes memory for every one of these.
///
/// Inputs of any strides are read in place, such as heads that are views of one projection. The result is a permuted
/// view of a row-major [B, T, H, D], so that transposing it and reshaping to [B, T, H·D] copies nothing; so are the
/// gradients. Saves the inputs, y, and for each query the maximum of its scores and the sum of their exponentials;
/// backward computes the scores again, and draws dropout again.
///
/// A key whose score is -inf counts as masked. A query with nothing to attend to gives 0 and gets gradient 0. What
/// stands under a masked key, NaN included, reaches neither y nor a gradient, for masks that differ from query to query
/// too. What a query sees has the same bits whatever else it does not see. ShapeError, DTypeError; Error for a scale
/// that is not finite, a dropout outside [0, 1] or one without a generator.
Variable scaled_dot_product_attention(const Variable& query, const Variable& key, const Variable& value,
                                      const Variable& bias, const AttentionOptions& options = {});
inline Variable scaled_dot_product_attention(const Variable& query, const Variable& key, const Variable& value,
                                             const AttentionOptions& options = {}) {
  return scaled_dot_product_attention(query, key, value, no_bias, options);
}

/// What it fuses: attention_weights, dropout, and a product with the values.
Variable scaled_dot_product_attention_definition(const Variable& query, const Variable& key, const Variable& value,
                                                 const Variable& bias, const AttentionOptions& options = {});

}  // namespace heed
