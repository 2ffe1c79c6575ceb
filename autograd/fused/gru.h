// Gated recurrent unit (Cho et al. 2014) over whole sequences, fused.
//
// Gates stand in PyTorch's order r (reset), z (update), n (new). For each time t:
//   r = σ(x_r + U_r·h + b_r)    z = σ(x_z + U_z·h + b_z)    h' = (1 - z)∘n + z∘h
//   reset after the product  (PyTorch, cuDNN):                    n = tanh(x_n + r∘(U_n·h + b_n))
//   reset before the product (Cho et al. 2014, Bahdanau 2015):    n = tanh(x_n + U_n·(r∘h) + b_n)
#pragma once

#include <array>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/variable.h"

namespace heed {

enum class GruReset : std::uint8_t { after, before };

/// h' of every time [B, T, H] (0 beyond an example's length), then h after its last token [B, H], which is the given
/// one where it has none. input_gates [B, T, 3H] is x = W_ih·input + b_ih, worked out before for all times; h [B, H];
/// weight [3H, H] and bias [3H] (or undefined) are U = W_hh and b = b_hh; f32 or f64, one dtype. Saves its inputs, and
/// the gates, one product and h of every time. What stands in the padding is not read. ShapeError, DTypeError.
std::array<Variable, 2> gru(const Variable& input_gates, const Variable& h, const Variable& weight,
                            const Variable& bias, GruReset reset, const SequenceOrder& order = {});

/// What it fuses: the loop over time in primitive operations.
std::array<Variable, 2> gru_definition(const Variable& input_gates, const Variable& h, const Variable& weight,
                                       const Variable& bias, GruReset reset, const SequenceOrder& order = {});

}  // namespace heed
