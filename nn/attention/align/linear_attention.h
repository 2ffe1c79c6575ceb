// Linear attention (Katharopoulos et al. 2020): weights φ(q)ᵀφ(k)/Σ φ(q)ᵀφ(k), φ = elu + 1, without a table of them.
// The same with the table is Attention<EluDotScore, SumNormalisedAlign>.
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

/// φ(x) = x + 1 where x > 0, else e^x.
Variable elu_features(const Variable& x);

/// c_t = φ(q_t)ᵀ Σ_s φ(k_s)v_sᵀ / φ(q_t)ᵀ Σ_s φ(k_s): query [B, T, K], key [B, S, K], value [B, S, D], mask [B, 1, S]
/// bool or undefined -> [B, T, D], in time (T + S)·K·D. 0 where nothing may be attended. ShapeError.
Variable linear_attention(const Variable& query, const Variable& key, const Variable& value, const Tensor& mask = {});

/// The sums over the keys so far: what stays of them is of one size, however many they were.
struct LinearAttentionState {
  Variable values;  ///< Σ φ(k)vᵀ: [B, K, D]; undefined before the first key
  Variable keys;    ///< Σ φ(k): [B, K, 1]
};

/// The context of one query [B, 1, K] after the keys of `state`, to which its own key [B, 1, K] and value [B, 1, D] are
/// added first -> [B, 1, D].
Variable linear_attention_step(const Variable& query, const Variable& key, const Variable& value,
                               LinearAttentionState& state);

/// Causal: query t sees the keys up to t. query, key [B, T, K], value [B, T, D] -> [B, T, D]; the sums go from step to
/// step.
Variable causal_linear_attention(const Variable& query, const Variable& key, const Variable& value,
                                 const Tensor& mask = {});

}  // namespace heed::nn
