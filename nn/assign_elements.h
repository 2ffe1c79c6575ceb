// What assigning a parameter or a buffer does. Not part of the public interface.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// to's elements become those of `from`, in place; `to` and its storage stay. ShapeError and DTypeError unless both are
/// alike, ShapeError when `from` is undefined or `to` repeats its elements; the message names `what` and both.
void assign_elements(const char* what, const Tensor& to, const Tensor& from);

/// ShapeError that names `what` and the shape when `value`, which exists, is assigned to one that is none and has not
/// been moved from.
void check_moved_from(const char* what, bool moved_from, const Tensor& value);

}  // namespace heed::nn
