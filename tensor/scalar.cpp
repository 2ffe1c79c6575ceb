#include "heed/tensor/scalar.h"

#include <fmt/format.h>

namespace heed {

std::string Scalar::str() const { return whole_ ? fmt::format("{}", integer_) : fmt::format("{}", real_); }

}  // namespace heed
