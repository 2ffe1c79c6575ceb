// Layer normalisation (Ba, Kiros and Hinton 2016), and that by the root mean square (Zhang and Sennrich 2019), fused.
#pragma once

#include <optional>

#include "heed/autograd/variable.h"

namespace heed {

/// y = (x - mean)/√(variance + epsilon)∘weight + bias, with the mean and the biased variance of each block of x's last
/// axes: x [N.., normalized_shape] -> y of x's shape; weight and bias [normalized_shape] of x's dtype (f32 or f64),
/// each undefined for none. The mean may be far larger than the deviation: as many digits as x has of it are used. With
/// x̂ = (x - mean)/√(variance + epsilon) and g = dy∘weight: dx = (g - mean of g - x̂·mean of g∘x̂)/√(variance + epsilon),
/// dweight = Σ dy∘x̂, dbias = Σ dy; saves x, weight, bias, and three numbers for each block. ShapeError, DTypeError;
/// Error unless epsilon is finite and not negative.
Variable layer_norm(const Variable& x, const Shape& normalized_shape, const Variable& weight = {},
                    const Variable& bias = {}, double epsilon = 1e-5);

/// What it fuses: two means, a square root and a quotient.
Variable layer_norm_definition(const Variable& x, const Shape& normalized_shape, const Variable& weight = {},
                               const Variable& bias = {}, double epsilon = 1e-5);

/// y = x/√(mean of x² + epsilon)∘weight over each block of x's last axes: x [N.., normalized_shape] -> y of x's shape;
/// weight [normalized_shape] of x's dtype (f32 or f64), undefined for none. Without an epsilon it is that of the dtype,
/// 2⁻²³ or 2⁻⁵², as in PyTorch. With x̂ = x/√(mean of x² + epsilon) and g = dy∘weight: dx = (g - x̂·mean of
/// g∘x̂)/√(mean of x² + epsilon), dweight = Σ dy∘x̂; saves x, weight, and three numbers for each block. ShapeError,
/// DTypeError; Error unless epsilon is finite and not negative.
Variable rms_norm(const Variable& x, const Shape& normalized_shape, const Variable& weight = {},
                  std::optional<double> epsilon = {});

/// What it fuses: a mean, a square root and a quotient.
Variable rms_norm_definition(const Variable& x, const Shape& normalized_shape, const Variable& weight = {},
                             std::optional<double> epsilon = {});

}  // namespace heed
