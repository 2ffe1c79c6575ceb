// Cosine attention: a dot product of directions.
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = β·qᵀk/(max(|q|, ε)·max(|k|, ε)) with ε = 1e-8 and β = exp(log_scale). The cosine alone, at most 1, cannot make a
/// softmax sharp; hence β, learned. Parameter: log_scale [1], the logarithm of the config's scale.
struct CosineScore {
  struct Config {
    std::int64_t size = 0;  ///< of a query and of a key
    double scale = 10;      ///< the first β
    DType dtype = DType::f32;
  };

  /// ShapeError unless the size is positive, Error unless the scale is positive and finite.
  CosineScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                    ///< k/max(|k|, ε) [B, S, K]
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("log_scale", self.log_scale);
  }

  std::int64_t size;
  Parameter log_scale;
};

}  // namespace heed::nn
