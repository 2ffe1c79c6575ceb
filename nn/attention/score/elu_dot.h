// The score of linear attention (Katharopoulos et al. 2020).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = φ(q)ᵀφ(k), φ = elu + 1: never negative, so that SumNormalisedAlign can divide by the sum. linear_attention()
/// (align/linear_attention.h) gives the same context without the table of weights. Nothing is learned.
struct EluDotScore {
  struct Config {};

  explicit EluDotScore(const Config& = {}) {}
  EluDotScore(const Config&, const ParameterSource&) {}

  static Variable project_keys(const Variable& keys);                         ///< φ(k): [B, S, K]
  static Variable forward(const Variable& query, const Variable& projected);  ///< [B, T, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
