// Multi-representational attention: several embeddings of one token, weighed for each token (Kiela, Wang and Cho 2018,
// "Dynamic meta-embeddings for improved sentence representations").
#pragma once

#include <vector>

#include "heed/nn/linear.h"
#include "heed/nn/module_list.h"

namespace heed::nn {

struct MultiRepresentationalOutput {
  Variable y;        ///< [B, S, D]
  Variable weights;  ///< [B, S, n], how much each representation counts for each token
};

/// y = Σ_i α_i·p_i with p_i = P_i x_i + b_i and α = softmax_i(aᵀp_i + c): the softmax is over the n representations x_i
/// of one token, not over tokens. Parameters: projections.0… (Linears from D_i to D) and score (a Linear to 1).
struct MultiRepresentational {
  struct Config {
    std::vector<std::int64_t> inputs = {};  ///< D_i
    std::int64_t output = 0;                ///< D
    DType dtype = DType::f32;
  };

  /// ShapeError unless there is an input and all sizes are positive.
  MultiRepresentational(const Config& config, const ParameterSource& source);

  /// x_i [B, S, D_i]; mask [B, 1, S] bool, true = a token. A token that is none has y and weights 0, and what stands
  /// there reaches nothing, NaN included. ShapeError, DTypeError.
  MultiRepresentationalOutput forward(const std::vector<Variable>& x, const Tensor& mask = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("projections", self.projections);
    visitor("score", self.score);
  }

  ModuleList<Linear> projections;
  Linear score;
};

}  // namespace heed::nn
