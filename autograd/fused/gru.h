// The step of a gated recurrent unit (tensor/ops/gru.h), recorded.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/gru.h"

namespace heed {

/// h' of one step: x_gates [B, 3H], h [B, H], weight [3H, H], bias [3H] or undefined -> [B, H]; formulas in
/// tensor/ops/gru.h. Saves h, weight, the gates and what tensor/ops/gru.h calls inner; for gradients of gradients
/// x_gates and bias.
Variable gru_step(const Variable& x_gates, const Variable& h, const Variable& weight, const Variable& bias,
                  GruReset reset);

/// What it fuses, in primitive operations.
Variable gru_step_definition(const Variable& x_gates, const Variable& h, const Variable& weight, const Variable& bias,
                             GruReset reset);

}  // namespace heed
