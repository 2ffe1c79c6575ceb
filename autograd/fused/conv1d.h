// Convolution along one axis, computed as a product of matrices (Chellapilla, Puri and Simard 2006).
#pragma once

#include "heed/autograd/variable.h"

namespace heed {

/// How many zeros stand before and after the positions of a convolution.
struct Conv1dPadding {
  Conv1dPadding(std::int64_t each = 0) : left(each), right(each) {}  // implicit: .padding = 2
  Conv1dPadding(std::int64_t l, std::int64_t r) : left(l), right(r) {}
  std::int64_t left, right;
};

struct Conv1dOptions {
  std::int64_t stride = 1;
  Conv1dPadding padding = {};  ///< {(k - 1)·dilation, 0} is causal: y[.., t] reads no position after t
  std::int64_t dilation = 1;
  std::int64_t groups = 1;  ///< as many as there are channels: depthwise
};

/// y[b, o, t] = bias[o] + Σ_c Σ_j weight[o, c, j]·x[b, g·I + c, t·stride - padding.left + j·dilation]: a
/// cross-correlation as torch.nn.functional.conv1d, x 0 outside its positions. x [B, groups·I, L], weight [O, I, k],
/// bias [O] or undefined -> [B, O, (L + left + right - (k - 1)·dilation - 1)/stride + 1], f32 or f64, one dtype; output
/// o reads group g = o/(O/groups), both divisions rounded down. Any strides; padding copies nothing.
///
/// Bits depend on no stride of the inputs. Saves x and weight; takes memory for k·groups·I·B numbers for each position
/// of y while it computes, and backward as much again.
/// ShapeError, also where O is no multiple of groups, where x with its padding is shorter than the kernel, for a
/// negative padding and for a stride, dilation, groups or k below 1; DTypeError.
Variable conv1d(const Variable& x, const Variable& weight, const Variable& bias, const Conv1dOptions& options = {});
inline Variable conv1d(const Variable& x, const Variable& weight, const Conv1dOptions& options = {}) {
  return conv1d(x, weight, no_bias, options);
}

/// What it fuses: the sum over j of products of matrices, weight[.., j] times what it meets of the padded x.
Variable conv1d_definition(const Variable& x, const Variable& weight, const Variable& bias,
                           const Conv1dOptions& options = {});

}  // namespace heed
