// Scalar: a C++ number that stands beside tensors and takes their dtype: x + 1, full({3}, 0.5), where(mask, x, 0). An
// integer keeps all its 64 bits until then.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "heed/tensor/dtype.h"

namespace heed {

class Scalar {
 public:
  template <class T>
    requires std::is_arithmetic_v<T>
  Scalar(T value) {
    if constexpr (std::is_integral_v<T>) whole_ = static_cast<std::uintmax_t>(value) <= limit || value < T{1};
    if (whole_)
      integer_ = static_cast<std::int64_t>(value);
    else
      real_ = static_cast<double>(value);
  }

  /// As an element of this type; defined for every value (tensor/dtype.h: convert).
  template <class T>
  T as() const {
    return whole_ ? convert<T>(integer_) : convert<T>(real_);
  }

  /// True when i64 holds it exactly.
  bool is_integer() const { return whole_ || (real_ == std::trunc(real_) && real_ >= -0x1p63 && real_ < 0x1p63); }

  std::string str() const;

 private:
  static constexpr std::uintmax_t limit = std::numeric_limits<std::int64_t>::max();

  bool whole_ = false;  // which of the two it is
  std::int64_t integer_ = 0;
  double real_ = 0;
};

}  // namespace heed
