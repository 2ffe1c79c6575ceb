// New tensors.
#pragma once

#include <concepts>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "heed/tensor/scalar.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// Row-major and not initialised. ShapeError when a size is negative or the byte count exceeds 63 bits, MemoryError
/// when there is no memory: its message says which `operation` asked, for what shape, and for how many bytes.
Tensor empty(const Shape& shape, DType dtype = DType::f32, std::string_view operation = "empty");

Tensor zeros(const Shape& shape, DType dtype = DType::f32);
Tensor ones(const Shape& shape, DType dtype = DType::f32);
Tensor full(const Shape& shape, Scalar value, DType dtype = DType::f32);  ///< converted as fill does

/// 0, 1, …, n - 1.
Tensor arange(std::int64_t n, DType dtype = DType::i64);

/// A copy of `values` in row-major order. ShapeError when their number is not that of `shape`.
template <class T>
  requires std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>
Tensor tensor(std::span<const T> values, const Shape& shape);

namespace detail {
template <class T>
concept Element = std::integral<T> || std::same_as<T, float> || std::same_as<T, double>;
}  // namespace detail

/// The same for anything that is a span of C++ numbers (std::vector, std::array, std::span<T>): float gives f32, double
/// f64, bool bool and integers i64. Nothing else has a dtype of its own: long double and Scalar need one to be named.
template <class R>
  requires requires(const R& values) { std::span(values); } &&
           detail::Element<typename decltype(std::span(std::declval<const R&>()))::value_type>
Tensor tensor(const R& values, const Shape& shape) {
  const std::span view(values);
  using T = std::remove_cv_t<typename decltype(view)::element_type>;
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>)
    return tensor(std::span<const T>(view), shape);
  else if constexpr (!std::is_same_v<T, bool> && (std::is_signed_v<T> || sizeof(T) < 8))
    return tensor(std::vector<std::int64_t>(view.begin(), view.end()), shape);
  else
    return tensor(std::vector<Scalar>(view.begin(), view.end()), shape,
                  std::is_same_v<T, bool> ? DType::boolean : DType::i64);
}

/// tensor({1, 2, 3, 4}, {2, 2}): f32 unless told otherwise, converted as fill does.
Tensor tensor(const std::vector<Scalar>& values, const Shape& shape, DType dtype);
template <class T>
  requires std::is_arithmetic_v<T>
Tensor tensor(std::initializer_list<T> values, const Shape& shape, DType dtype = DType::f32) {
  return tensor(std::vector<Scalar>(values.begin(), values.end()), shape, dtype);
}
inline Tensor tensor(std::initializer_list<Scalar> values, const Shape& shape, DType dtype = DType::f32) {
  return tensor(std::vector<Scalar>(values), shape, dtype);
}

}  // namespace heed
