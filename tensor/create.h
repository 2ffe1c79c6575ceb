// New tensors.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed {

/// Row-major and not initialised. ShapeError when a size is negative or the byte count exceeds 63 bits, MemoryError
/// when there is no memory: its message says which `operation` asked, for what shape, and for how many bytes.
Tensor empty(const Shape& shape, DType dtype = DType::f32, std::string_view operation = "empty");

Tensor zeros(const Shape& shape, DType dtype = DType::f32);
Tensor ones(const Shape& shape, DType dtype = DType::f32);
Tensor full(const Shape& shape, double value, DType dtype = DType::f32);

/// 0, 1, …, n - 1.
Tensor arange(std::int64_t n, DType dtype = DType::i64);

/// A copy of `values` in row-major order. ShapeError when their number is not that of `shape`.
/// T is float, double or std::int64_t.
template <class T>
Tensor tensor(std::span<const T> values, const Shape& shape);

/// tensor({1, 2, 3, 4}, {2, 2}): f32 unless told otherwise.
Tensor tensor(std::initializer_list<double> values, const Shape& shape, DType dtype = DType::f32);

}  // namespace heed
