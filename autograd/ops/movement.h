// Views of tensor/ops/movement.h, recorded. The result's value shares the input's storage; nothing is saved.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/movement.h"

namespace heed {

Variable reshape(const Variable& x, const Shape& shape);          ///< dx = dy in x's shape
Variable permute(const Variable& x, std::span<const int> order);  ///< dx = dy with the inverse order
inline Variable permute(const Variable& x, std::initializer_list<int> order) {
  return permute(x, std::span(order.begin(), order.size()));
}
Variable transpose(const Variable& x, int axis0, int axis1);  ///< dx = dy with the axes swapped back
Variable mT(const Variable& x);                               ///< dx = dyᵀ
Variable expand(const Variable& x, const Shape& shape);       ///< dx = dy summed over the repeated axes
Variable unsqueeze(const Variable& x, int axis);              ///< dx = dy without that axis
Variable squeeze(const Variable& x, int axis);                ///< dx = dy with that axis

/// dx = dy at the elements that were taken, 0 elsewhere.
Variable slice(const Variable& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);
Variable select(const Variable& x, int axis, std::int64_t index);

Variable concat(const std::vector<Variable>& parts, int axis);  ///< each part gets its slice of dy
Variable stack(const std::vector<Variable>& parts, int axis);   ///< each part gets its layer of dy
inline Variable concat(std::initializer_list<Variable> parts, int axis) { return concat(std::vector(parts), axis); }
inline Variable stack(std::initializer_list<Variable> parts, int axis) { return stack(std::vector(parts), axis); }

/// The slices along `axis`, which disappears, as one node with several results: dx = their gradients stacked.
std::vector<Variable> unstack(const Variable& x, int axis);

/// dx = the slice of dy that x went to.
Variable slice_scatter(const Variable& x, const Shape& shape, int axis, std::int64_t begin, std::int64_t end,
                       std::int64_t step);

}  // namespace heed
