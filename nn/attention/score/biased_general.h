// General attention with a bias (Sordoni et al. 2016, after the survey of Brauwers and Frasincar 2022).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = kᵀ(W·q + b). kᵀb is what a key weighs whatever the query is: softmax does not cancel it. Parameters: weight W
/// [key, query] and bias b [key], both drawn from U(-1/√query, 1/√query).
struct BiasedGeneralScore {
  struct Config {
    std::int64_t query = 0, key = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive.
  BiasedGeneralScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                    ///< the keys [B, S, key] themselves
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, query], [B, S, key] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
};

}  // namespace heed::nn
