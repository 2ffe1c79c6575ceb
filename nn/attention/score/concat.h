// Concat attention (Luong, Pham and Manning 2015, "concat").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = vᵀ tanh(W·[q ; k]): the same function as AdditiveScore with the columns of its W and U side by side. Parameters:
/// weight W [A, query + key] and v [A], drawn from U(-1/√n, 1/√n) for n inputs.
struct ConcatScore {
  struct Config {
    std::int64_t query = 0, key = 0, hidden = 0;  ///< hidden: A
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive.
  ConcatScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                    ///< [B, S, key] -> [B, S, A]
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, query], [B, S, A] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("v", self.v);
  }

  Parameter weight, v;
  std::int64_t query_size;
};

}  // namespace heed::nn
