// Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000) over whole sequences, fused.
//
// Gates stand in PyTorch's order i (input), f (forget), g (cell), o (output). For each time t, with a = x_t + U·h:
//   i = σ(a_i)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)   c' = f∘c + i∘g   h' = o∘tanh(c')
#pragma once

#include <array>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/variable.h"

namespace heed {

/// h' of every time [B, T, H] (0 beyond an example's length), then h and c after its last token [B, H], which are the
/// given ones where it has none. input_gates [B, T, 4H] is x = W·input + b, worked out before for all times; h and c
/// [B, H]; weight is U [4H, H]; f32 or f64, one dtype. Saves its inputs, the gates, and h and c of every time. What
/// stands in the padding is not read. ShapeError, DTypeError.
std::array<Variable, 3> lstm(const Variable& input_gates, const Variable& h, const Variable& c, const Variable& weight,
                             const SequenceOrder& order = {});

/// What it fuses: the loop over time in primitive operations.
std::array<Variable, 3> lstm_definition(const Variable& input_gates, const Variable& h, const Variable& c,
                                        const Variable& weight, const SequenceOrder& order = {});

}  // namespace heed
