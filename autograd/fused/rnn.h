// Simple recurrent network (Elman 1990) over whole sequences, fused: h' = f(x_t + U·h), f = tanh or relu.
#pragma once

#include <array>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/variable.h"

namespace heed {

enum class RnnActivation : std::uint8_t { tanh, relu };

/// h' of every time [B, T, H] (0 beyond an example's length), then h after its last token [B, H], which is the given
/// one where it has none. input_gates [B, T, H] is x = W·input + b, worked out before for all times; h [B, H]; weight
/// is U [H, H]; f32 or f64, one dtype. Saves its inputs and h of every time. What stands in the padding is not read.
/// ShapeError, DTypeError.
std::array<Variable, 2> rnn(const Variable& input_gates, const Variable& h, const Variable& weight,
                            RnnActivation activation = RnnActivation::tanh, const SequenceOrder& order = {});

/// What it fuses: the loop over time in primitive operations.
std::array<Variable, 2> rnn_definition(const Variable& input_gates, const Variable& h, const Variable& weight,
                                       RnnActivation activation = RnnActivation::tanh, const SequenceOrder& order = {});

}  // namespace heed
