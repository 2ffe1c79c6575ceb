// A weight that is multiplied at every time of a sequence. Not part of the public interface.
#pragma once

#include "heed/tensor/internal/packed_matrix.h"
#include "heed/tensor/internal/product.h"

namespace heed {

/// b [k, n], which is multiplied by `rows` rows `uses` times: packed where that is worth it. A single row is not:
/// reading it as it stands is as fast, and so a sequence has the bits of its steps one by one.
class RecurrentWeight {
 public:
  RecurrentWeight(const char* operation, const Tensor& b, std::int64_t rows, std::int64_t uses)
      : operation_(operation), b_(b) {
    if (rows > 1 && uses > 1) packed_ = PackedMatrix(operation, b);
  }

  /// y += a·b: a [m, k], y [m, n] with contiguous rows.
  template <class T>
  void add_product(const Tensor& a, Tensor y) const {
    if (y.numel() == 0 || a.size(1) == 0) return;
    if (packed_.rows() > 0)
      multiply<T>(operation_, a, packed_, T{1}, y);
    else
      multiply<T>(operation_, a, b_, T{1}, y);
  }

 private:
  const char* operation_;
  Tensor b_;
  PackedMatrix packed_;
};

}  // namespace heed
