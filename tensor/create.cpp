#include "heed/tensor/create.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "heed/tensor/mutate.h"

namespace heed {
namespace {

void check_count(std::int64_t count, const Shape& shape) {
  if (shape.numel() != count)
    throw ShapeError(fmt::format("tensor: {} values for shape {} of {} elements", count, shape.str(), shape.numel()));
}

StorageRef new_storage(std::string_view operation, const Shape& shape, DType dtype) {
  std::int64_t bytes;
  if (__builtin_mul_overflow(shape.numel(), static_cast<std::int64_t>(size_of(dtype)), &bytes))
    throw ShapeError(fmt::format("{}: {} {} needs more than 2^63 - 1 bytes", operation, name(dtype), shape.str()));
  try {
    return StorageRef(Storage::create(static_cast<std::size_t>(bytes)));
  } catch (const std::bad_alloc&) {
    throw MemoryError(
        fmt::format("{}: no memory for {} {}: {} bytes asked for", operation, name(dtype), shape.str(), bytes));
  }
}

Tensor filled(std::string_view operation, const Shape& shape, Scalar value, DType dtype) {
  Tensor y = empty(shape, dtype, operation);
  fill(y, value);
  return y;
}

}  // namespace

Tensor empty(const Shape& shape, DType dtype, std::string_view operation) {
  StorageRef storage =
      new_storage(operation, shape, dtype);  // first, for it refuses sizes whose strides would overflow
  return Tensor(std::move(storage), shape, row_major_strides(shape), 0, dtype);
}

Tensor full(const Shape& shape, Scalar value, DType dtype) { return filled("full", shape, value, dtype); }
Tensor zeros(const Shape& shape, DType dtype) { return filled("zeros", shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return filled("ones", shape, 1, dtype); }

Tensor arange(std::int64_t n, DType dtype) {
  Tensor y = empty({n}, dtype, "arange");
  dispatch(dtype, [&]<class T> {
    T* numbers = y.mutable_data<T>();
    for (std::int64_t i = 0; i < n; ++i) numbers[i] = static_cast<T>(i);
  });
  return y;
}

template <class T>
  requires std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>
Tensor tensor(std::span<const T> values, const Shape& shape) {
  check_count(std::ssize(values), shape);
  Tensor y = empty(shape, dtype_of<T>(), "tensor");
  std::copy(values.begin(), values.end(), y.mutable_data<T>());
  return y;
}
template Tensor tensor(std::span<const float>, const Shape&);
template Tensor tensor(std::span<const double>, const Shape&);
template Tensor tensor(std::span<const std::int64_t>, const Shape&);

Tensor tensor(const std::vector<Scalar>& values, const Shape& shape, DType dtype) {
  check_count(std::ssize(values), shape);
  Tensor y = empty(shape, dtype, "tensor");
  dispatch(dtype, [&]<class T> {
    std::transform(values.begin(), values.end(), y.mutable_data<T>(), [](Scalar value) { return value.as<T>(); });
  });
  return y;
}

}  // namespace heed
