// Shape: the sizes of a tensor's axes, outermost first, in a fixed inline array (copying one allocates nothing).
// Strides: how many elements apart two neighbours along an axis stand; 0 repeats one element, negative walks backwards.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace heed {

/// A size or an index as C++'s containers count.
constexpr std::size_t to_size(std::int64_t n) { return static_cast<std::size_t>(n); }

/// At most `max_rank` integers, inline. The common part of Shape and Strides.
class Dims {
 public:
  static constexpr int max_rank = 8;

  Dims() {}
  Dims(const Dims& other) noexcept : rank_(other.rank_) { copy_values(other); }
  Dims& operator=(const Dims& other) noexcept {
    rank_ = other.rank_;
    copy_values(other);
    return *this;
  }
  Dims(std::initializer_list<std::int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const std::int64_t> values);  ///< ShapeError above max_rank

  /// `rank` zeros, for a rank in [0, max_rank].
  static Dims zeros(int rank) {
    Dims dims;
    for (; dims.rank_ < rank; ++dims.rank_) dims[dims.rank_] = 0;
    return dims;
  }

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return values_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return values_[static_cast<std::size_t>(axis)]; }
  const std::int64_t* begin() const { return values_.data(); }
  const std::int64_t* end() const { return values_.data() + rank_; }

  void push_back(std::int64_t value);             ///< ShapeError above max_rank
  void insert(int position, std::int64_t value);  ///< before `position` in [0, rank]; ShapeError above max_rank
  void erase(int position);

  friend bool operator==(const Dims& a, const Dims& b) {
    bool same = a.rank_ == b.rank_;
    for (int axis = 0; same && axis < a.rank_; ++axis) same = a[axis] == b[axis];
    return same;
  }

 private:
  // Only what counts, most ranks being small: handles to small tensors are copied more often than their numbers are.
  void copy_values(const Dims& other) noexcept {
    switch (rank_) {
      default:
        values_ = other.values_;
        break;
      case 3:
        values_[2] = other.values_[2];
        [[fallthrough]];
      case 2:
        values_[1] = other.values_[1];
        [[fallthrough]];
      case 1:
        values_[0] = other.values_[0];
        [[fallthrough]];
      case 0:
        break;
    }
  }

  std::array<std::int64_t, max_rank> values_{};
  int rank_ = 0;
};

struct Strides : Dims {
  using Dims::Dims;
  explicit Strides(const Dims& dims) : Dims(dims) {}
};

struct Shape : Dims {
  using Dims::Dims;

  /// The product of the sizes; 1 for rank 0. ShapeError when a size is negative or the product of the sizes, zeros left
  /// out, exceeds 63 bits (so that a shape with a 0 in it cannot hide an overflow).
  std::int64_t numel() const;

  /// The size of `axis`, which may be negative to count from the last. IndexError outside [-rank, rank).
  std::int64_t size(int axis) const;

  /// "[8, 64]".
  std::string str() const;
};

/// `axis` counted from the first, for an axis in [-rank, rank); IndexError that names the operation otherwise.
int normalize_axis(std::string_view operation, int axis, int rank);

/// Row-major strides of `shape`.
Strides row_major_strides(const Shape& shape);

/// The shape both expand to: sizes are compared from the last axis, 1 stretches. ShapeError when two sizes differ.
Shape broadcast(std::string_view operation, const Shape& lhs, const Shape& rhs);

}  // namespace heed
