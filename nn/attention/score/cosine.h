// Cosine similarity with a learned scale (Graves, Wayne and Danihelka 2014 address a memory by it).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = β·qᵀk/(max(|q|, ε)·max(|k|, ε)), ε = 1e-8 as in torch.nn.functional.cosine_similarity; a zero vector has score 0
/// and no gradient is NaN. With β = 1 no weight of S keys is above 1/(1 + (S - 1)e⁻²), so β is learned, as its
/// logarithm. Parameter: log_scale ln β [1], which starts at the logarithm of `scale`.
struct CosineScore {
  struct Config {
    double scale = 10;  ///< β at the start
    DType dtype = DType::f32;
  };

  /// Error unless the scale is positive and finite.
  CosineScore(const Config& config, const ParameterSource& source);

  static Variable project_keys(const Variable& keys);                        ///< k/max(|k|, ε): [B, S, K]
  Variable forward(const Variable& query, const Variable& projected) const;  ///< [B, T, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("log_scale", self.log_scale);
  }

  Parameter log_scale;
};

}  // namespace heed::nn
