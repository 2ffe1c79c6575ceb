// Scaled dot product (Vaswani et al. 2017).
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = qᵀk/√K: of variance 1 when the K entries of both are independent and of variance 1, so that the softmax does not
/// get the sharper the wider they are. Nothing is learned.
struct ScaledDotScore {
  struct Config {};

  explicit ScaledDotScore(const Config& = {}) {}
  ScaledDotScore(const Config&, const ParameterSource&) {}

  static Variable project_keys(const Variable& keys) { return keys; }
  static Variable forward(const Variable& query, const Variable& keys);  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
