// Whether two views share numbers: what a function that writes to one tensor asks before it reads another.
// Not part of the public interface.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

enum class Overlap {
  none,  ///< no byte of one belongs to the other
  same,  ///< the same view: element i of one is element i of the other and no other
  some   ///< anything else; also where finding out exactly would cost more than a copy
};

Overlap overlap_in_storage(const Tensor& a, const Tensor& b);  // of one storage

inline Overlap overlap(const Tensor& a, const Tensor& b) {
  return a.storage().get() == b.storage().get() ? overlap_in_storage(a, b) : Overlap::none;
}

/// x, or a copy of it where writing y element by element would change what is still to be read.
inline Tensor unless_overlapping(const Tensor& x, const Tensor& y) {
  return overlap(x, y) == Overlap::some ? x.clone() : x;
}

/// ShapeError when two elements of the target y share an address: one would overwrite the other.
void check_no_repeats(const char* operation, const Tensor& y);

}  // namespace heed
