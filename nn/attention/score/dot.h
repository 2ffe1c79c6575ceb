// Dot-product attention (Luong, Pham and Manning 2015, "dot").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = qᵀk. Queries and keys have one size; nothing is learned.
struct DotScore {
  struct Config {
    std::int64_t size = 0;  ///< of a query and of a key
  };

  /// ShapeError unless the size is positive.
  DotScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                    ///< the keys [B, S, K] themselves
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  std::int64_t size;
};

using DotAttention = Attention<DotScore>;

}  // namespace heed::nn
