// Reductions along axes. `axes` may be negative; an empty list means all axes. With keepdim the reduced axes stay
// with size 1. Bits depend on shape, dtype and strides, never on the number of threads.
#pragma once

#include <cmath>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed {

/// {0, -1}, a std::vector<int>, or a single number.
struct Axes : std::vector<int> {
  Axes() = default;
  Axes(std::initializer_list<int> axes) : std::vector<int>(axes) {}
  Axes(std::vector<int> axes) : std::vector<int>(std::move(axes)) {}
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  Axes(I axis) {
    push_back(std::in_range<int>(axis) ? static_cast<int>(axis) : std::numeric_limits<int>::max());
  }
};

/// Σ over the axes: f32, f64, i64. 0 over nothing. IndexError for an axis outside the rank or named twice.
Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdim = false);

/// Mean over the axes: f32, f64; 0/0 = NaN over nothing.
Tensor mean(const Tensor& x, const Axes& axes = {}, bool keepdim = false);

/// Largest element along the axes: f32, f64, i64; NaN when one is; -inf over nothing (i64: ShapeError).
Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdim = false);

/// Index of the first largest element along `axis`, i64; a NaN counts as the largest. f32, f64, i64. ShapeError for
/// size 0.
Tensor argmax(const Tensor& x, int axis);

/// The opposite of expand: x summed over the axes that `shape` has with size 1 or lacks. ShapeError unless `shape`
/// expands to x's shape.
Tensor sum_to(const Tensor& x, const Shape& shape);

/// The axes over which sum_to(x of shape `from`, `to`) adds, leading ones included.
Axes expanded_axes(const Shape& from, const Shape& to);

/// √Σ x² over every element, in double precision; squares neither overflow nor vanish. Infinite when an element is or
/// when no double holds the norm; NaN when an element is. f32, f64.
double norm(const Tensor& x);

/// Whether no element is NaN or infinite, and a double holds the norm. f32, f64.
inline bool all_finite(const Tensor& x) { return std::isfinite(norm(x)); }

}  // namespace heed
