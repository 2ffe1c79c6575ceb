// Losses between two arrays of one shape, element by element. Those of classes are nll_loss (autograd/ops/nll_loss.h)
// and cross_entropy (autograd/fused/cross_entropy.h).
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

/// Absolute error: l = |x - target|. dx = ±w∘dy, 0 where they are equal, dtarget = -dx; saves x - target.
Variable l1_loss(const Variable& x, const Variable& target, Reduction reduction = Reduction::mean,
                 const Tensor& weights = {});

/// Squared error near 0, absolute error far from it (Huber 1964): with d = x - target, l = d²/2 where |d| <= delta,
/// else delta·(|d| - delta/2). dx = w∘max(-delta, min(d, delta))∘dy, dtarget = -dx; saves d. Error unless delta is
/// finite and positive.
Variable huber_loss(const Variable& x, const Variable& target, double delta = 1, Reduction reduction = Reduction::mean,
                    const Tensor& weights = {});

/// The same over beta, of slope 1 far from 0 (Girshick 2015): d²/(2·beta) where |d| <= beta, else |d| - beta/2. With
/// beta 0, or one that x's dtype cannot tell from it, it is l1_loss. dx = w∘max(-1, min(d/beta, 1))∘dy, dtarget = -dx;
/// saves d. Error unless beta is finite and not negative.
Variable smooth_l1_loss(const Variable& x, const Variable& target, double beta = 1,
                        Reduction reduction = Reduction::mean, const Tensor& weights = {});

/// Relative entropy (Kullback and Leibler 1951) of the distribution target to the one whose logarithms are x: terms l =
/// target∘(log target - x), 0 where target is 0. With log_target its logarithms are given: l = e^target∘(target - x).
/// The divergence of each of B distributions is the sum of its terms, so their mean is Reduction::sum over B (PyTorch's
/// "batchmean"), not Reduction::mean. dx = -w∘p∘dy with p = target, or e^target; dtarget = w∘(log target + 1 - x)∘dy,
/// or w∘p∘(target + 1 - x)∘dy, 0 where p is 0; saves x, target.
Variable kl_div(const Variable& x, const Variable& target, bool log_target = false,
                Reduction reduction = Reduction::mean, const Tensor& weights = {});

}  // namespace heed
