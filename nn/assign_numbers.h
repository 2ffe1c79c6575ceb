// What assigning a parameter or a buffer does. Not part of the public interface.
#pragma once

#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// to's numbers become those of `from`, in place; `to` and its storage stay. ShapeError and DTypeError unless both are
/// alike, ShapeError when `from` is undefined; the message names `what` and both.
void assign_numbers(std::string_view what, const Tensor& to, const Tensor& from);

}  // namespace heed::nn
