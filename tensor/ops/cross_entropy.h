// Cross-entropy of class scores: f32 and f64.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

struct CrossEntropy {
  Tensor loss;       ///< 0-d
  Tensor max, rest;  ///< [N..], log Σ exp(logits) = max + rest: what the gradient needs besides the logits
};

/// loss = Σ_i w_i·(log Σ_j exp(x_ij) - x_i,target_i) / Σ_i |w_i| over rows i of logits x [N.., V]; targets [N..] i64;
/// weights [N..] of x's dtype, or undefined for all 1. A row of weight 0 is not looked at, its target may be any
/// number: that is how padding is left out. A negative weight makes its target less likely (the advantages of a policy
/// gradient, which may well sum to 0). 0 when every weight is 0. ShapeError, DTypeError; IndexError for a target
/// outside [0, V) in a row that counts.
CrossEntropy cross_entropy_forward(const Tensor& logits, const Tensor& targets, const Tensor& weights);

/// dx_ij = dy·w_i/Σ|w|·(softmax(x_i)_j - [j = target_i]); exactly 0 in rows of weight 0. dy is 0-d; `forward` is what
/// cross_entropy_forward gave, its loss is not read. Errors as above.
Tensor cross_entropy_backward(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                              const CrossEntropy& forward, const Tensor& dy);

namespace detail {

/// s = 2^-⌊log₂ of the largest of `sizes`⌋: with weights w·s, which have the same digits, Σ|w·s| neither overflows nor
/// loses digits. 1 where there is nothing to scale.
double cross_entropy_scale(const Tensor& sizes);

}  // namespace detail

}  // namespace heed
