// Local attention (Luong, Pham and Manning 2015): a window of keys around a position, where the decoder is (local-m) or
// one that is predicted (local-p).
#pragma once

#include "heed/nn/attention/align_queries.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// Local-m, monotonic: softmax over the keys at t - D … t + D, as far as there are such, for the query at position t.
/// Keys outside get weight and gradient 0.
struct LocalMonotonicAlign {
  /// Error for a negative D.
  explicit LocalMonotonicAlign(std::int64_t window);
  LocalMonotonicAlign() : LocalMonotonicAlign(10) {}

  Tensor window(const AlignQueries& queries) const;
  static Variable forward(const Variable& scores, const Tensor& mask);

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  std::int64_t half_width;  ///< D
};

/// Local-p, predictive: p = S·σ(vᵀ tanh(W q)) with S the length of the source without padding; weights = softmax over
/// the keys at ⌊p⌋ - D … ⌊p⌋ + D, times exp(-(s - p)²/2σ²), σ = D/2. They are not normalised again: their sum is
/// below 1. p learns through the Gaussian alone. Parameters: position.weight W [hidden, query] from U(-1/√query,
/// 1/√query), position.v [hidden] from U(-1/√hidden, 1/√hidden).
struct LocalPredictiveAlign {
  struct Config {
    std::int64_t query = 0, hidden = 0, window = 10;  ///< D
    double deviation = 0;                             ///< σ; 0: D/2
    DType dtype = DType::f32;
  };

  /// ShapeError unless query, hidden and window are positive; Error for a deviation that is negative or not finite.
  LocalPredictiveAlign(const Config& config, const ParameterSource& source);

  /// p: [B, T, query] -> [B, T, 1], between 0 and the length.
  Variable position(const AlignQueries& queries) const;

  Tensor window(const AlignQueries& queries) const;
  AlignOutput forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("position.weight", self.weight);
    visitor("position.v", self.v);
  }

  Parameter weight, v;
  std::int64_t half_width;
  double deviation;
};

}  // namespace heed::nn
