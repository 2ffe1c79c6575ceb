// General, or bilinear, score (Luong, Pham and Manning 2015, "general").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = qᵀ W k. Parameter: weight W [query, key], that of torch.nn.Bilinear(query, key, 1) without its first axis, drawn
/// from U(-1/√query, 1/√query) as there.
struct GeneralScore {
  struct Config {
    std::int64_t query = 0, key = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query and key are positive.
  GeneralScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                          ///< W·k: [B, S, key] -> [B, S, query]
  static Variable forward(const Variable& query, const Variable& projected);  ///< [B, T, query] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
};

}  // namespace heed::nn
