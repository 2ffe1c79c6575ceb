#include "support/array.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>

namespace heed::test {
namespace {

std::int64_t count(const Shape& shape) {
  std::int64_t product = 1;
  for (std::int64_t size : shape) product *= size;
  return product;
}

std::int64_t offset(const Tensor& x, const Index& index) {
  std::int64_t result = 0;
  for (std::size_t axis = 0; axis < index.size(); ++axis) result += index[axis] * x.strides()[static_cast<int>(axis)];
  return result;
}

bool close(double got, double wanted, double allowed) {
  if (std::isnan(wanted) || std::isnan(got)) return std::isnan(wanted) && std::isnan(got);
  if (std::isinf(wanted) || std::isinf(got)) return got == wanted;
  return std::abs(got - wanted) <= allowed;
}

}  // namespace

Indices::Indices(const Shape& shape) : sizes_(shape.begin(), shape.end()) {}

Indices::Iterator::Iterator(const Indices& all) : sizes_(all.sizes_), index_(all.sizes_.size(), 0), left_(1) {
  for (std::int64_t size : sizes_) left_ *= size;
}

Indices::Iterator& Indices::Iterator::operator++() {
  --left_;
  for (std::size_t axis = index_.size(); axis-- > 0;) {
    if (++index_[axis] < sizes_[axis]) break;
    index_[axis] = 0;
  }
  return *this;
}

Array::Array(const Shape& sizes, double value) : shape(sizes), numbers(static_cast<std::size_t>(count(sizes)), value) {}

std::size_t Array::place(const Index& index) const {
  std::int64_t result = 0;
  for (std::size_t axis = 0; axis < index.size(); ++axis) result = result * shape[static_cast<int>(axis)] + index[axis];
  return static_cast<std::size_t>(result);
}

double Array::shown(const Index& index) const {
  Index own(index.end() - shape.rank(), index.end());
  for (std::size_t axis = 0; axis < own.size(); ++axis)
    if (shape[static_cast<int>(axis)] == 1) own[axis] = 0;
  return (*this)[own];
}

Array to_array(const Tensor& x) {
  Array result(x.shape());
  dispatch(x.dtype(), [&]<class T> {
    const T* from = x.data<T>();
    for (const Index& index : indices(x.shape())) result[index] = static_cast<double>(from[offset(x, index)]);
  });
  return result;
}

Tensor to_tensor(const Array& array, DType dtype) {
  const std::size_t bytes = array.numbers.size() * size_of(dtype);
  Tensor x(StorageRef(Storage::create(bytes)), array.shape, row_major_strides(array.shape), 0, dtype);
  dispatch(dtype, [&]<class T> {
    T* to = x.mutable_data<T>();
    for (std::size_t i = 0; i < array.numbers.size(); ++i) to[i] = static_cast<T>(array.numbers[i]);
  });
  return x;
}

std::string difference(const Tensor& got, const Array& wanted, double ulps, double scale) {
  if (!(got.shape() == wanted.shape)) return fmt::format("shape {}, wanted {}", got.shape().str(), wanted.shape.str());
  const bool is_double = got.dtype() == DType::f64;
  const double unit = is_double ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
  const double least = is_double ? std::numeric_limits<double>::denorm_min() : std::numeric_limits<float>::denorm_min();
  const Array numbers = to_array(got);
  for (const Index& index : indices(wanted.shape)) {
    const double exact = wanted[index];
    const double rounded = is_double ? exact : static_cast<double>(static_cast<float>(exact));
    const double allowed = ulps * (unit * (std::abs(rounded) + scale) + least);
    if (!close(numbers[index], rounded, allowed))
      return fmt::format("{} {} at [{}]: {}, wanted {}, allowed {}", name(got.dtype()), got.shape().str(),
                         fmt::join(index, ", "), numbers[index], rounded, allowed);
  }
  return {};
}

bool same_bits(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape()) || a.dtype() != b.dtype()) return false;
  bool same = true;
  dispatch(a.dtype(), [&]<class T> {
    const T *left = a.data<T>(), *right = b.data<T>();
    for (const Index& index : indices(a.shape()))
      same = same && std::memcmp(left + offset(a, index), right + offset(b, index), sizeof(T)) == 0;
  });
  return same;
}

std::size_t fingerprint(const Tensor& x) {
  if (!x.defined()) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(x.storage()->data()), x.storage()->bytes());
  return std::hash<std::string>()(fmt::format("{} {} {} {} {} {}", x.shape().str(), fmt::join(x.strides(), " "),
                                              x.offset(), name(x.dtype()), x.version(), bytes));
}

}  // namespace heed::test
