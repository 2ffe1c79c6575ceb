// Feature-wise, or multi-dimensional, score (Shen et al. 2018; the survey of Brauwers and Frasincar 2022).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = V tanh(W q + U k + b), a number for each of the D features of the values: every feature has weights of its own,
/// context_d = Σ_s a_sd·v_sd. The additive score is one row of it. Memory T·S·hidden. Parameters: query.weight W
/// [hidden, query], query.bias b [hidden], key.weight U [hidden, key], weight V [features, hidden], each from U(-1/√n,
/// 1/√n), n its input width.
struct FeaturewiseScore {
  static constexpr bool weighs_features = true;

  struct Config {
    std::int64_t query = 0, key = 0, hidden = 0, features = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive.
  FeaturewiseScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                         ///< U k: [B, S, hidden]
  Variable forward(const Variable& query, const Variable& projected) const;  ///< [B, T, query] -> [B, T, S, features]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("query.weight", self.query_weight);
    visitor("query.bias", self.query_bias);
    visitor("key.weight", self.key_weight);
    visitor("weight", self.weight);
  }

  Parameter query_weight, query_bias, key_weight, weight;
};

}  // namespace heed::nn
