// Tensor: a view of shared numbers: storage + shape + strides + offset + dtype.
//
// Goal: a handle that is cheap to copy and whose every view (transpose, slice, expand) is as good an input as a
// contiguous one. Non-goals: gradients (autograd/), devices, lazy evaluation.
//
// Copying a Tensor copies the handle; clone() copies the numbers. Readers see a Tensor as const; numbers change in
// place only through mutable_data() and the functions that take a Tensor& (tensor/mutate.h, add_matmul),
// and each such change bumps the storage's version.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "heed/tensor/dtype.h"
#include "heed/tensor/shape.h"
#include "heed/tensor/storage.h"

namespace heed {

class Tensor {
 public:
  Tensor() = default;  ///< no tensor at all: defined() is false
  Tensor(StorageRef storage, const Shape& shape, const Strides& strides, std::int64_t offset, DType dtype)
      : storage_(std::move(storage)), shape_(shape), strides_(strides), offset_(offset), dtype_(dtype) {}

  bool defined() const { return static_cast<bool>(storage_); }
  const Shape& shape() const { return shape_; }
  const Strides& strides() const { return strides_; }
  std::int64_t offset() const { return offset_; }  ///< in elements
  DType dtype() const { return dtype_; }
  int rank() const { return shape_.rank(); }
  std::int64_t size(int axis) const { return shape_.size(axis); }
  std::int64_t numel() const { return shape_.numel(); }
  const StorageRef& storage() const { return storage_; }
  std::uint32_t version() const { return storage_ ? storage_->version() : 0; }

  /// True when the elements are contiguous in row-major order (always so for fewer than two elements).
  bool is_contiguous() const;

  /// The first element's address; DTypeError unless T is the element type. Follow strides() unless is_contiguous().
  template <class T>
  const T* data() const {
    check_type(dtype_of<T>());
    return reinterpret_cast<const T*>(storage_->data()) + offset_;
  }

  /// The same for writing: counts as one change in place.
  template <class T>
  T* mutable_data() {
    check_type(dtype_of<T>());
    storage_->bump_version();
    return reinterpret_cast<T*>(storage_->data()) + offset_;
  }

  /// The only element as a C++ number: item() a double, item<std::int64_t>() an integer. Exact, but that float may
  /// round an f64. ShapeError unless numel() is 1, DTypeError where T cannot hold the element (a fraction or a large
  /// number as an integer, an i64 beyond 2^53 as a double).
  template <class T = double>
  T item() const {
    static_assert(std::is_arithmetic_v<T>);
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(
          integer_item(std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0,
                       sizeof(T) < 8 ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                     : std::numeric_limits<std::int64_t>::max()));
    else
      return static_cast<T>(real_item(std::numeric_limits<T>::digits));
  }

  /// A row-major copy of the numbers in a storage of its own.
  Tensor clone() const;

  /// This tensor when it is contiguous, else clone(). DTypeError where there is none.
  Tensor contiguous() const;

 private:
  void check_type(DType wanted) const {
    if (!defined() || wanted != dtype_) throw_type(wanted);
  }
  [[noreturn]] void throw_type(DType wanted) const;
  std::int64_t integer_item(std::int64_t lowest, std::int64_t highest) const;
  double real_item(int digits) const;  // an integer must fit so many bits

  StorageRef storage_;
  Shape shape_;
  Strides strides_;
  std::int64_t offset_ = 0;
  DType dtype_ = DType::f32;
};

[[noreturn]] void throw_undefined(std::string_view operation, std::string_view operand);

/// DTypeError "exp: x is undefined" for a Tensor that is none: the first thing an operation asks of each operand.
inline void check_defined(std::string_view operation, std::string_view operand, const Tensor& x) {
  if (!x.defined()) throw_undefined(operation, operand);
}

}  // namespace heed
