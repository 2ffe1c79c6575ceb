// Positions: where the rows of an input stand.
#pragma once

#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// What every layer of positions is told besides its input of T rows: a number is the position of the first row, the
/// others follow it. With a cache it is how many rows the cache holds: `layer.forward(x, cached)`. A tensor gives every
/// row's own: [T], or [B, T] where they differ from example to example, as they do with padding on the left; i64.
class Positions {
 public:
  Positions(std::int64_t first = 0) : first_(first) {}  // implicit: forward(x, 5)
  Positions(Tensor each) : each_(std::move(each)) {}    // implicit: forward(x, positions)

  /// [T] or [B, T] i64, for `operation` on `batch` examples of `length` rows. ShapeError, DTypeError; IndexError where
  /// the last position is beyond 63 bits.
  Tensor of(std::string_view operation, std::int64_t batch, std::int64_t length) const;

 private:
  std::int64_t first_ = 0;
  Tensor each_;
};

}  // namespace heed::nn
