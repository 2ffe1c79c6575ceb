// One step of a gated recurrent unit, fused: the recurrent product and the gates. f32 and f64.
//
// B examples, H hidden units. Gates stand in PyTorch's order r (reset), z (update), n (new). x_gates [B, 3H] is the
// input's share W_ih·x + b_ih, worked out before (for a whole sequence at once); weight [3H, H] and bias [3H] are W_hh
// and b_hh.
//   r = σ(x_r + U_r·h + b_r)    z = σ(x_z + U_z·h + b_z)    h' = (1 - z)∘n + z∘h
//   reset after the product  (PyTorch, cuDNN):                    n = tanh(x_n + r∘(U_n·h + b_n))
//   reset before the product (Cho et al. 2014, Bahdanau 2015):    n = tanh(x_n + U_n·(r∘h) + b_n)
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

enum class GruReset : std::uint8_t { after, before };

struct GruStep {
  Tensor h;      ///< [B, H], the new state
  Tensor gates;  ///< [B, 3H]: r, z, n
  Tensor inner;  ///< for the gradient: U·h + b [B, 3H] with reset after, r∘h [B, H] with reset before
};

/// ShapeError unless x_gates [B, 3H], h [B, H], weight [3H, H], bias [3H] or undefined; DTypeError for mixed dtypes.
GruStep gru_step_forward(const Tensor& x_gates, const Tensor& h, const Tensor& weight, const Tensor& bias,
                         GruReset reset);

struct GruGradient {
  Tensor x_gates, h, weight, bias;
};

/// Gradients of all four inputs (of bias always), given dy = gradient of the new state and what the forward step kept:
/// its gates and inner; its h is not read. ShapeError, DTypeError when they do not fit each other.
GruGradient gru_step_backward(const Tensor& h, const Tensor& weight, const GruStep& step, const Tensor& dy,
                              GruReset reset);

}  // namespace heed
