// Biased general score (Sordoni, Bachman and Bengio 2016; the survey of Brauwers and Frasincar 2022).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = qᵀ W k + bᵀk: the general score, and how much each key matters whatever the query is. Parameters: weight W
/// [query, key] from U(-1/√query, 1/√query), bias b [key] likewise.
struct BiasedGeneralScore {
  struct Config {
    std::int64_t query = 0, key = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query and key are positive.
  BiasedGeneralScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                          ///< [W k; bᵀk]: [B, S, query + 1]
  static Variable forward(const Variable& query, const Variable& projected);  ///< [B, T, query] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
};

}  // namespace heed::nn
