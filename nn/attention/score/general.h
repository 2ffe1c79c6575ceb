// General, or bilinear, attention (Luong, Pham and Manning 2015, "general").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = qᵀ·W·k. Parameter: weight W [query, key], drawn from U(-1/√query, 1/√query); one output of a Bilinear without
/// bias.
struct GeneralScore {
  struct Config {
    std::int64_t query = 0, key = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive.
  GeneralScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                    ///< W·k: [B, S, key] -> [B, S, query]
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, query], [B, S, query] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
};

using GeneralAttention = Attention<GeneralScore>;

}  // namespace heed::nn
