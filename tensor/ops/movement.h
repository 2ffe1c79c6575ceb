// Movement: other views of the same numbers. Every function here but concat, stack and slice_scatter returns a view
// that shares storage (reshape copies when strides leave no other way). Axes may be negative to count from the last.
// Any dtype.
#pragma once

#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed {

/// The same elements in row-major order under another shape; one size may be -1 and is worked out. A view where strides
/// allow, else a copy. ShapeError when the numbers of elements differ.
Tensor reshape(const Tensor& x, const Shape& shape);

/// Axis i of the result is axis order[i] of x. IndexError unless `order` is a permutation of x's axes.
Tensor permute(const Tensor& x, std::span<const int> order);
inline Tensor permute(const Tensor& x, std::initializer_list<int> order) {
  return permute(x, std::span(order.begin(), order.size()));
}

/// Two axes swapped.
Tensor transpose(const Tensor& x, int axis0, int axis1);

/// The last two axes swapped: the matrix transpose. ShapeError below rank 2.
Tensor mT(const Tensor& x);

/// Size-1 axes (and missing leading axes) repeated up to `shape`, without copying: their stride becomes 0.
/// ShapeError when a size is neither 1 nor the wanted one.
Tensor expand(const Tensor& x, const Shape& shape);

/// A new axis of size 1 before `axis` of the result.
Tensor unsqueeze(const Tensor& x, int axis);

/// Without `axis`, which must have size 1 (ShapeError otherwise).
Tensor squeeze(const Tensor& x, int axis);

/// Stands for "to the end" of an axis, whichever way the step goes.
inline constexpr std::int64_t to_end = std::numeric_limits<std::int64_t>::max();

/// Elements begin, begin + step, … before end along `axis`, with Python's rules: negative bounds count from the end,
/// bounds outside are clamped, a negative step walks backwards (slice(x, 0, -1, to_end, -1) reverses).
/// IndexError for step 0.
Tensor slice(const Tensor& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);

/// Element `index` along `axis`, which disappears. IndexError outside [-size, size).
Tensor select(const Tensor& x, int axis, std::int64_t index);

/// One after the other along an existing axis, copied. ShapeError for an empty list or when another axis differs.
Tensor concat(const std::vector<Tensor>& parts, int axis);
inline Tensor concat(std::initializer_list<Tensor> parts, int axis) { return concat(std::vector(parts), axis); }

/// Side by side along a new axis, copied. ShapeError for an empty list or when shapes differ.
Tensor stack(const std::vector<Tensor>& parts, int axis);
inline Tensor stack(std::initializer_list<Tensor> parts, int axis) { return stack(std::vector(parts), axis); }

/// The opposite of stack: the slices along `axis`, which disappears.
std::vector<Tensor> unstack(const Tensor& x, int axis);

/// The opposite of slice: zeros of `shape` with x at the elements that slice(…, axis, begin, end, step) takes;
/// ShapeError when x does not have the shape of that slice.
Tensor slice_scatter(const Tensor& x, const Shape& shape, int axis, std::int64_t begin, std::int64_t end,
                     std::int64_t step = 1);

/// x [.., n] as one matrix [rows, n], for Tensors and Variables: an operation on rows does its work in one piece.
template <class V>
V flatten_rows(const V& x) {
  std::int64_t rows = 1;
  for (int axis = 0; axis < x.rank() - 1; ++axis) rows *= x.shape()[axis];
  return reshape(x, {rows, x.size(-1)});
}

}  // namespace heed
