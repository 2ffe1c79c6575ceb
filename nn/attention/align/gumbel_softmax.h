// Gumbel-softmax and its straight-through form (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017).
#pragma once

#include "heed/nn/attention/align_queries.h"

namespace heed::nn {

/// g = -ln(-ln u) for u uniform in [0, 1), which is kept away from 0: from 2^-25 (f32) or 2^-54 (f64) on, half of the
/// smallest number that is drawn. All noise is finite: from -2.852 to 16.636 in f32. DTypeError unless f32, f64.
Tensor gumbel_noise(const Tensor& u);

/// 1 at the largest of each row of y [.., S], 0 elsewhere; the gradient goes to y as if it were y (Bengio, Léonard and
/// Courville 2013). Where the mask is false, and in a row of zeros, it is 0.
Variable straight_through(const Variable& y, const Tensor& mask);

/// y = softmax((e + g)/τ) over the allowed keys: as τ -> 0 a draw of one key from softmax(e), whose gradient is that of
/// a soft choice. Where no generator is given there is no noise. `hard` draws one key, straight_through(y).
struct GumbelSoftmaxAlign {
  struct Config {
    double temperature = 1;
    bool hard = false;
  };

  /// Error unless the temperature is positive and finite.
  explicit GumbelSoftmaxAlign(const Config& config);
  GumbelSoftmaxAlign() : GumbelSoftmaxAlign(Config()) {}

  AlignOutput forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const;

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  double temperature;  ///< may change from step to step: max(0.5, e^(-r·step)) in Jang et al.
  bool hard;
};

}  // namespace heed::nn
