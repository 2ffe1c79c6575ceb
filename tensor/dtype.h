// Element types are values known at run time; dispatch turns one into a C++ type, once per operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "heed/tensor/error.h"

namespace heed {

enum class DType : std::uint8_t { f32, f64, i64, boolean };  // boolean: one byte, true or false

/// "f32", "f64", "i64", "bool".
std::string_view name(DType dtype);

/// Bytes of one element.
std::size_t size_of(DType dtype);

constexpr bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, double>) return DType::f64;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::i64;
  if constexpr (std::is_same_v<T, bool>) return DType::boolean;
}

/// One number as another element type, defined for every value: to i64 the fraction is cut off, what lies outside
/// becomes the nearest end of the range and NaN 0; to bool everything but 0 is true.
template <class To, class From>
constexpr To convert(From value) {
  if constexpr (std::is_same_v<To, std::int64_t> && std::is_floating_point_v<From>) {
    constexpr auto end = static_cast<From>(0x1p63);
    if (value != value) return 0;
    if (value >= end) return std::numeric_limits<std::int64_t>::max();
    if (value < -end) return std::numeric_limits<std::int64_t>::min();
  }
  return static_cast<To>(value);
}

/// Calls body.operator()<T>() with the C++ type of `dtype`.
template <class Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::f32:
      return body.template operator()<float>();
    case DType::f64:
      return body.template operator()<double>();
    case DType::i64:
      return body.template operator()<std::int64_t>();
    case DType::boolean:
      break;
  }
  return body.template operator()<bool>();
}

[[noreturn]] void throw_dtype(std::string_view operation, DType dtype, std::string_view expected);

/// The same for f32 and f64 only; every other dtype is a DTypeError that names `operation`.
template <class Body>
decltype(auto) dispatch_float(std::string_view operation, DType dtype, Body&& body) {
  if (dtype == DType::f32) return body.template operator()<float>();
  if (dtype == DType::f64) return body.template operator()<double>();
  throw_dtype(operation, dtype, "f32 or f64");
}

/// Throws DTypeError unless both are the same type: heed never promotes silently.
void check_same_dtype(std::string_view operation, DType lhs, DType rhs);

}  // namespace heed
