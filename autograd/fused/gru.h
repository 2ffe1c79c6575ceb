// One step of a gated recurrent unit, fused: the recurrent product and the gates.
//
// B examples, H hidden units. Gates stand in PyTorch's order r (reset), z (update), n (new).
//   r = σ(x_r + U_r·h + b_r)    z = σ(x_z + U_z·h + b_z)    h' = (1 - z)∘n + z∘h
//   reset after the product  (PyTorch, cuDNN):                    n = tanh(x_n + r∘(U_n·h + b_n))
//   reset before the product (Cho et al. 2014, Bahdanau 2015):    n = tanh(x_n + U_n·(r∘h) + b_n)
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

enum class GruReset : std::uint8_t { after, before };

/// h' of one step: input_gates [B, 3H], h [B, H], weight [3H, H] and bias [3H] (or undefined) -> [B, H]; f32 or f64,
/// one dtype. input_gates is x = W_ih·input + b_ih, worked out before (for a whole sequence at once); weight and bias
/// are U = W_hh and b = b_hh. Saves its inputs, the gates and one product. ShapeError, DTypeError.
Variable gru_step(const Variable& input_gates, const Variable& h, const Variable& weight, const Variable& bias,
                  GruReset reset);

/// What it fuses, in primitive operations.
Variable gru_step_definition(const Variable& input_gates, const Variable& h, const Variable& weight,
                             const Variable& bias, GruReset reset);

}  // namespace heed
