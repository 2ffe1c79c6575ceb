// Activated general score (Ma et al. 2017; the survey of Brauwers and Frasincar 2022).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = act(qᵀ W k + b), b one number. With tanh, e lies in [-1, 1]: no weight of S keys is above 1/(1 + (S - 1)e⁻²).
/// With identity, b cancels in the softmax and learns nothing. Parameters: weight W [query, key] and bias b [1] from
/// U(-1/√query, 1/√query).
struct ActivatedGeneralScore {
  enum class Activation : std::uint8_t { tanh, relu, identity };

  struct Config {
    std::int64_t query = 0, key = 0;
    Activation activation = Activation::tanh;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query and key are positive.
  ActivatedGeneralScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;                         ///< W k: [B, S, query]
  Variable forward(const Variable& query, const Variable& projected) const;  ///< [B, T, query] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter weight, bias;
  Activation activation;
};

}  // namespace heed::nn
