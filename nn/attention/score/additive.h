// Additive attention (Bahdanau, Cho and Bengio 2015).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = vᵀ tanh(W q + U k). Parameters: query.weight W [A, query], key.weight U [A, key], v [A]; drawn as in the paper's
/// appendix: W and U from N(0, 0.001²), v = 0, so that the first alignment is exactly uniform.
struct AdditiveScore {
  struct Config {
    std::int64_t query = 0, key = 0, hidden = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query, key and hidden are positive.
  AdditiveScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                    ///< U·k: [B, S, key] -> [B, S, A]
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, query], [B, S, A] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("query.weight", self.query_weight);
    visitor("key.weight", self.key_weight);
    visitor("v", self.v);
  }

  Parameter query_weight, key_weight, v;
};

using AdditiveAttention = Attention<AdditiveScore>;

}  // namespace heed::nn
