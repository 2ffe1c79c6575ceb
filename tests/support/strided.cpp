#include "support/strided.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "support/array.h"

namespace heed::test {
namespace {

struct Kind {
  bool repeats, whole;
};

template <class T>
T random_number(Numbers& random, Kind kind) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(kind.whole ? static_cast<double>(random.uniform_int(19) - 9) : random.next(-2, 2));
  return static_cast<T>(std::is_same_v<T, bool> ? random.uniform_int(2) : random.uniform_int(199) - 99);
}

template <class T>
T in_the_gaps() {
  if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
  return std::numeric_limits<T>::max();
}

Tensor scattered(Numbers& random, const Shape& shape, DType dtype, Kind kind) {
  std::vector<int> order;
  for (int axis = 0; axis < shape.rank(); ++axis) order.insert(order.begin() + random.uniform_int(axis + 1), axis);
  Strides strides = row_major_strides(shape);
  std::int64_t offset = random.uniform_int(4), step = 1 + random.uniform_int(2);
  for (int axis : order) {
    if (kind.repeats && random.uniform_int(5) == 0) {
      strides[axis] = 0;
      continue;
    }
    const std::int64_t extent = step * std::max<std::int64_t>(shape[axis], 1);
    strides[axis] = random.uniform_int(3) == 0 ? -step : step;
    if (strides[axis] < 0) offset += extent - step;
    step = extent + random.uniform_int(2) * step;
  }
  const std::int64_t count = offset + step + 2;
  Tensor x(StorageRef(Storage::create(static_cast<std::size_t>(count) * size_of(dtype))), shape, strides, offset,
           dtype);
  dispatch(dtype, [&]<class T> {
    T* numbers = x.mutable_data<T>();
    std::fill_n(numbers - offset, count, in_the_gaps<T>());
    for (const Index& index : indices(shape)) {
      std::int64_t place = 0;
      for (std::size_t axis = 0; axis < index.size(); ++axis) place += index[axis] * strides[static_cast<int>(axis)];
      numbers[place] = random_number<T>(random, kind);
    }
  });
  return x;
}

}  // namespace

Shape random_shape(Numbers& random, int rank, std::int64_t longest) {
  Shape shape;
  for (int axis = 0; axis < rank; ++axis) shape.push_back(1 + random.uniform_int(longest));
  if (rank > 0 && random.uniform_int(8) == 0) shape[static_cast<int>(random.uniform_int(rank))] = 0;
  return shape;
}

Tensor random_view(Numbers& random, const Shape& shape, DType dtype) {
  return scattered(random, shape, dtype, {.repeats = true, .whole = false});
}

Tensor random_whole_view(Numbers& random, const Shape& shape, DType dtype) {
  return scattered(random, shape, dtype, {.repeats = true, .whole = true});
}

Tensor random_target(Numbers& random, const Shape& shape, DType dtype) {
  return scattered(random, shape, dtype, {.repeats = false, .whole = false});
}

}  // namespace heed::test
