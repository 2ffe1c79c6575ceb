// Location-based score (Luong, Pham and Manning 2015, "location").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = W q, a number for each position: no key enters. A source of S < positions keys uses the first S rows of W; keys
/// beyond `positions` are not attended to. Parameter: weight W [positions, query] from U(-1/√query, 1/√query).
struct LocationScore {
  struct Config {
    std::int64_t query = 0, positions = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query and positions are positive.
  LocationScore(const Config& config, const ParameterSource& source);

  static Variable project_keys(const Variable& keys) { return keys; }
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, query], [B, S, K] -> [B, T, S]
  Tensor mask(std::int64_t keys) const;                                 ///< the positions that W has: [1, 1, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
};

}  // namespace heed::nn
