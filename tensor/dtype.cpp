#include "heed/tensor/dtype.h"

#include <fmt/format.h>

namespace heed {

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "f32";
    case DType::f64:
      return "f64";
    case DType::i64:
      return "i64";
    case DType::boolean:
      break;
  }
  return "bool";
}

std::size_t size_of(DType dtype) {
  return dispatch(dtype, []<class T> { return sizeof(T); });
}

void throw_dtype(std::string_view operation, DType dtype, std::string_view expected) {
  throw DTypeError(fmt::format("{}: dtype is {}, expected {}", operation, name(dtype), expected));
}

void check_same_dtype(std::string_view operation, DType lhs, DType rhs) {
  if (lhs != rhs) throw DTypeError(fmt::format("{}: dtypes differ: lhs {}, rhs {}", operation, name(lhs), name(rhs)));
}

}  // namespace heed
