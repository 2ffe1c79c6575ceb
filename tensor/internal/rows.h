// Rows: one walk over N views of the same shape, whatever their strides. Axes that all views step through alike are
// merged, so contiguous operands become a single row; what is left is visited row by row (the innermost axis).
// Not part of the public interface: the operations in this folder are written with it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "heed/tensor/shape.h"

namespace heed {

template <std::size_t N>
class Rows {
 public:
  using Offsets = std::array<std::int64_t, N>;

  Rows(const Shape& shape, const std::array<Strides, N>& strides) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      Axis next{shape[axis], {}};
      for (std::size_t i = 0; i < N; ++i) next.stride[i] = strides[i][axis];
      if (count_ > 0 && continues(axes_[count_ - 1], next)) {
        next.size *= axes_[count_ - 1].size;
        --count_;
      }
      axes_[count_++] = next;
    }
    if (count_ == 0) axes_[count_++] = {1, {}};
  }

  std::int64_t row_length() const { return axes_[count_ - 1].size; }
  std::int64_t stride(std::size_t operand) const { return axes_[count_ - 1].stride[operand]; }

  /// Calls body(offsets, n) for the elements [begin, end) in row-major order: n elements of one row, the first of them
  /// `offsets[i]` elements from the start of operand i.
  template <class Body>
  void visit(std::int64_t begin, std::int64_t end, Body&& body) const {
    if (begin >= end) return;  // an empty axis has no remainder to divide by
    std::array<std::int64_t, Dims::max_rank + 1> index{};
    Offsets offset{};
    std::int64_t rest = begin;
    for (std::size_t axis = count_; axis-- > 0;) {
      index[axis] = rest % axes_[axis].size;
      rest /= axes_[axis].size;
      for (std::size_t i = 0; i < N; ++i) offset[i] += index[axis] * axes_[axis].stride[i];
    }
    while (begin < end) {
      const std::int64_t n = std::min(row_length() - index[count_ - 1], end - begin);
      body(offset, n);
      begin += n;
      index[count_ - 1] += n;
      for (std::size_t i = 0; i < N; ++i) offset[i] += n * stride(i);
      for (std::size_t axis = count_ - 1; axis > 0 && index[axis] == axes_[axis].size; --axis) {
        for (std::size_t i = 0; i < N; ++i)
          offset[i] += axes_[axis - 1].stride[i] - axes_[axis].size * axes_[axis].stride[i];
        index[axis] = 0;
        ++index[axis - 1];
      }
    }
  }

 private:
  struct Axis {
    std::int64_t size;
    Offsets stride;
  };

  static bool continues(const Axis& outer, const Axis& inner) {
    for (std::size_t i = 0; i < N; ++i)
      if (outer.stride[i] != inner.size * inner.stride[i]) return false;
    return true;
  }

  std::array<Axis, Dims::max_rank + 1> axes_;
  std::size_t count_ = 0;
};

/// How many numbers a strided row is staged in at a time: two or three pieces stay in the first-level cache.
inline constexpr std::int64_t staged_piece = 512;

/// x[0], x[stride], … as n neighbours: x itself when they already are, else copied into `buffer`.
template <class T>
const T* staged(const T* x, std::int64_t stride, std::int64_t n, T* buffer) {
  if (stride == 1) return x;
  for (std::int64_t i = 0; i < n; ++i) buffer[i] = x[i * stride];
  return buffer;
}

}  // namespace heed
