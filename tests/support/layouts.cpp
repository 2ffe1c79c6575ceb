#include "support/layouts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "support/array.h"

namespace heed::test {

Tensor laid_out(const Tensor& x, Layout layout) {
  const Shape& shape = x.shape();
  Strides strides = row_major_strides(shape);
  std::int64_t offset = 0, count = std::max<std::int64_t>(1, x.numel());
  if (layout == Layout::transposed) {
    std::int64_t step = 1;
    for (int axis = 0; axis < shape.rank(); step *= std::max<std::int64_t>(1, shape[axis++])) strides[axis] = step;
  } else if (layout == Layout::sliced) {
    offset = 3;
    std::int64_t step = 2;
    for (int axis = shape.rank(); axis-- > 0; step *= shape[axis] + 1) strides[axis] = step;
    count = offset + step;
  } else if (layout == Layout::reversed) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (x.numel() > 0) offset += (shape[axis] - 1) * strides[axis];
      strides[axis] = -strides[axis];
    }
  }
  const std::size_t bytes = static_cast<std::size_t>(count) * size_of(x.dtype());
  Tensor y(StorageRef(Storage::create(bytes)), shape, strides, offset, x.dtype());
  const Array numbers = to_array(x);
  dispatch(x.dtype(), [&]<class T> {
    T* to = y.mutable_data<T>();
    if constexpr (std::is_floating_point_v<T>)
      std::fill_n(to - offset, count, std::numeric_limits<T>::quiet_NaN());
    else
      std::fill_n(to - offset, count, static_cast<T>(std::numeric_limits<std::int32_t>::max()));
    for (const Index& index : indices(shape)) {
      std::int64_t place = 0;
      for (std::size_t axis = 0; axis < index.size(); ++axis) place += index[axis] * strides[static_cast<int>(axis)];
      to[place] = static_cast<T>(numbers[index]);
    }
  });
  return y;
}

double Numbers::next(double low, double high) {
  const double fraction = static_cast<double>(engine_() >> 11) * 0x1p-53;
  return std::floor((low + (high - low) * fraction) * 0x1p22) * 0x1p-22;
}

std::int64_t Numbers::uniform_int(std::int64_t n) {
  return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n));
}

Tensor Numbers::uniform(const Shape& shape, double low, double high) {
  Array array(shape);
  for (double& number : array.numbers) number = next(low, high);
  return to_tensor(array, DType::f64);
}

Tensor Numbers::away_from_zero(const Shape& shape) {
  Array array(shape);
  for (double& number : array.numbers) {
    const double size = next(0.5, 2);
    number = std::copysign(size, next(-1, 1));
  }
  return to_tensor(array, DType::f64);
}

Tensor Numbers::spaced(const Shape& shape, double shift) {
  Array array(shape);
  std::iota(array.numbers.begin(), array.numbers.end(), -static_cast<double>(array.numbers.size() / 2));
  // std::shuffle is another with every standard library, and hashes of results are committed.
  for (std::size_t left = array.numbers.size(); left > 1; --left)
    std::swap(array.numbers[left - 1], array.numbers[engine_() % left]);
  for (double& number : array.numbers) number = number * 0.25 + shift;
  return to_tensor(array, DType::f64);
}

Tensor Numbers::mask(const Shape& shape, double density) {
  Array array(shape);
  for (double& number : array.numbers) number = next(0, 1) < density ? 1 : 0;
  return to_tensor(array, DType::boolean);
}

Tensor Numbers::index(const Shape& shape, std::int64_t size) {
  Array array(shape);
  for (double& number : array.numbers) number = static_cast<double>(uniform_int(2 * size) - size);
  return to_tensor(array, DType::i64);
}

}  // namespace heed::test
