#include "heed/tensor/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "heed/tensor/error.h"

namespace heed {

Dims::Dims(std::span<const std::int64_t> values) {
  if (values.size() > max_rank) throw ShapeError(fmt::format("shape: rank {} exceeds {}", values.size(), max_rank));
  std::copy(values.begin(), values.end(), values_.begin());
  rank_ = static_cast<int>(values.size());
}

void Dims::push_back(std::int64_t value) { insert(rank_, value); }

void Dims::insert(int position, std::int64_t value) {
  if (rank_ == max_rank) throw ShapeError(fmt::format("shape: rank {} exceeds {}", rank_ + 1, max_rank));
  std::copy_backward(values_.begin() + position, values_.begin() + rank_, values_.begin() + rank_ + 1);
  values_[static_cast<std::size_t>(position)] = value;
  ++rank_;
}

void Dims::erase(int position) {
  std::copy(values_.begin() + position + 1, values_.begin() + rank_, values_.begin() + position);
  values_[static_cast<std::size_t>(--rank_)] = 0;
}

std::int64_t Shape::numel() const {
  std::int64_t product = 1;
  bool empty = false;
  for (std::int64_t size : *this) {
    if (size < 0) throw ShapeError(fmt::format("shape: {} has a negative size", str()));
    if (size == 0)
      empty = true;
    else if (__builtin_mul_overflow(product, size, &product))
      throw ShapeError(fmt::format("shape: {} has more than 2^63 - 1 elements", str()));
  }
  return empty ? 0 : product;
}

std::int64_t Shape::size(int axis) const { return (*this)[normalize_axis("size", axis, rank())]; }

std::string Shape::str() const { return fmt::format("[{}]", fmt::join(begin(), end(), ", ")); }

int normalize_axis(std::string_view operation, int axis, int rank) {
  if (axis < -rank || axis >= rank)
    throw IndexError(fmt::format("{}: axis {} is outside rank {}", operation, axis, rank));
  return axis < 0 ? axis + rank : axis;
}

Strides row_major_strides(const Shape& shape) {
  Strides strides(shape);  // for its rank
  std::int64_t stride = 1;
  for (int axis = shape.rank(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= std::max<std::int64_t>(shape[axis], 1);
  }
  return strides;
}

Shape broadcast(std::string_view operation, const Shape& lhs, const Shape& rhs) {
  const Shape& longer = lhs.rank() >= rhs.rank() ? lhs : rhs;
  const Shape& shorter = lhs.rank() >= rhs.rank() ? rhs : lhs;
  Shape result = longer;
  const int shift = longer.rank() - shorter.rank();
  for (int axis = 0; axis < shorter.rank(); ++axis) {
    const std::int64_t a = longer[axis + shift], b = shorter[axis];
    if (a != b && a != 1 && b != 1)
      throw ShapeError(fmt::format("{}: shapes do not broadcast: lhs {}, rhs {}: axis {} has sizes {} and {}",
                                   operation, lhs.str(), rhs.str(), axis - shorter.rank(),
                                   lhs.size(axis - shorter.rank()), rhs.size(axis - shorter.rank())));
    result[axis + shift] = a == 1 ? b : a;
  }
  return result;
}

}  // namespace heed
