// Losses between two arrays of one shape, element by element. cross_entropy (autograd/fused/cross_entropy.h) is that of
// classes.
//
// x and target have one shape and one float dtype; both may need a gradient. `weights`, of that dtype, broadcasts to
// x's shape, and undefined is 1 everywhere. An element of weight 0 is not looked at: a NaN there does no harm, and its
// gradient is 0; that is how padding is left out. ShapeError, DTypeError.
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

/// What becomes of the weighted terms w_i·l_i: Σ w_i·l_i / Σ|w_i|, which is 0 where there is no term, their sum, or
/// x's shape.
enum class Reduction : std::uint8_t { mean, sum, none };

/// Squared error: l = (x - target)². dx = 2w∘(x - target)∘dy, dtarget = -dx; saves x - target.
Variable mse_loss(const Variable& x, const Variable& target, Reduction reduction = Reduction::mean,
                  const Tensor& weights = {});

/// Cross-entropy of two classes, of which sigmoid(x) is the probability of one and target, from 0 to 1, what it should
/// be: l = -target∘log sigmoid(x) - (1 - target)∘log(1 - sigmoid(x)), computed as max(x, 0) - x∘target + log(1 +
/// e^-|x|), which neither overflows nor loses small results. dx = w∘(sigmoid(x) - target)∘dy, dtarget = -w∘x∘dy; saves
/// x, target.
Variable bce_with_logits(const Variable& x, const Variable& target, Reduction reduction = Reduction::mean,
                         const Tensor& weights = {});

}  // namespace heed
