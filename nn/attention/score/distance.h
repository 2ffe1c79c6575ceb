// Scores that fall with the distance of query and key.
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = -|q - k|²/2τ²: its softmax weighs keys by a Gaussian kernel (Nadaraya 1964, Watson 1964). Time and memory T·S·K.
/// Nothing is learned.
struct GaussianScore {
  static constexpr bool never_positive = true;

  struct Config {
    double deviation = 1;  ///< τ
  };

  /// Error unless the deviation is positive and finite.
  explicit GaussianScore(const Config& config);
  GaussianScore(const Config& config, const ParameterSource&) : GaussianScore(config) {}

  static Variable project_keys(const Variable& keys) { return keys; }
  Variable forward(const Variable& query, const Variable& keys) const;  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  double deviation;
};

/// e = 1/(1 + |q - k|), in (0, 1] (Yin et al. 2016, ABCNN). Where query and key are equal the gradient is 0. Time and
/// memory T·S·K. Nothing is learned.
struct InverseDistanceScore {
  struct Config {};

  explicit InverseDistanceScore(const Config& = {}) {}
  InverseDistanceScore(const Config&, const ParameterSource&) {}

  static Variable project_keys(const Variable& keys) { return keys; }
  static Variable forward(const Variable& query, const Variable& keys);  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
