// Tensors as text, for people: a log line, a debugger, a failed test. Not a file format: numbers are rounded.
#pragma once

#include <iosfwd>
#include <string>

#include "heed/tensor/tensor.h"

namespace heed {

/// A line with dtype and shape, then the numbers in nested brackets, rows below each other and columns aligned:
///
///     f32 [2, 3]
///     [[  1, 2.5,   3],
///      [nan,   0, inf]]
///
/// Six significant digits. Above 1000 elements only the first and last three along each axis, with … between them; a
/// row wider than 100 columns goes on in the next line. "undefined" for a tensor that is not defined. Any strides; the
/// same text in every locale.
std::string to_string(const Tensor& x);

std::ostream& operator<<(std::ostream& stream, const Tensor& x);

}  // namespace heed
