#include "heed/tensor/create.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/tensor/mutate.h"

namespace heed {

Tensor empty(const Shape& shape, DType dtype) {
  std::int64_t bytes;
  if (__builtin_mul_overflow(shape.numel(), static_cast<std::int64_t>(size_of(dtype)), &bytes))
    throw ShapeError(fmt::format("empty: {} {} needs more than 2^63 - 1 bytes", name(dtype), shape.str()));
  return Tensor(StorageRef(Storage::create(static_cast<std::size_t>(bytes))), shape, row_major(shape), 0, dtype);
}

Tensor full(const Shape& shape, double value, DType dtype) {
  Tensor y = empty(shape, dtype);
  fill(y, value);
  return y;
}

Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }

Tensor arange(std::int64_t n, DType dtype) {
  Tensor y = empty({n}, dtype);
  visit_dtype(dtype, [&]<class T> {
    T* numbers = y.mutable_data<T>();
    for (std::int64_t i = 0; i < n; ++i) numbers[i] = static_cast<T>(i);
  });
  return y;
}

template <class T>
Tensor tensor(std::span<const T> values, const Shape& shape) {
  const auto count = static_cast<std::int64_t>(values.size());
  if (shape.numel() != count)
    throw ShapeError(fmt::format("tensor: {} values for shape {} of {} elements", count, shape.str(), shape.numel()));
  Tensor y = empty(shape, dtype_of<T>());
  std::copy(values.begin(), values.end(), y.mutable_data<T>());
  return y;
}
template Tensor tensor(std::span<const float>, const Shape&);
template Tensor tensor(std::span<const double>, const Shape&);
template Tensor tensor(std::span<const std::int64_t>, const Shape&);

Tensor tensor(std::initializer_list<double> values, const Shape& shape, DType dtype) {
  const Tensor y = tensor(std::span<const double>(values.begin(), values.size()), shape);
  if (dtype == DType::f64) return y;
  Tensor converted = empty(shape, dtype);
  copy_from(converted, y);
  return converted;
}

}  // namespace heed
