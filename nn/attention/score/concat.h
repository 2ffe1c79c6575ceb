// Concat score (Luong, Pham and Manning 2015, "concat").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = vᵀ tanh(W [q; k]): the additive score with its two weights side by side, both learned (Luong's own program keeps
/// the half of the keys at the identity). Parameters: weight W [A, query + key] from U(-1/√n, 1/√n), n = query + key; v
/// [A] from U(-1/√A, 1/√A).
struct ConcatScore {
  struct Config {
    std::int64_t query = 0, key = 0, hidden = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query, key and hidden are positive.
  ConcatScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                         ///< [B, S, key] -> [B, S, A]
  Variable forward(const Variable& query, const Variable& projected) const;  ///< [B, T, query] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("v", self.v);
  }

  Parameter weight, v;
  std::int64_t query_width;
};

}  // namespace heed::nn
