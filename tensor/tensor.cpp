#include "heed/tensor/tensor.h"

#include <fmt/format.h>

#include <bit>
#include <type_traits>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"

namespace heed {

static_assert(std::is_nothrow_move_constructible_v<Tensor>, "a growing std::vector would copy handles, not move them");

bool Tensor::is_contiguous() const {
  std::int64_t expected = 1;
  bool dense = true;
  for (int axis = rank(); axis-- > 0;) {
    if (shape_[axis] == 0) return true;  // whatever the strides of the other axes
    if (shape_[axis] != 1 && strides_[axis] != expected) dense = false;
    expected *= shape_[axis];
  }
  return dense;
}

namespace {

void check_one(const Tensor& x) {
  if (!x.defined() || x.numel() != 1)
    throw ShapeError(
        fmt::format("item: needs exactly one element, shape is {}", x.defined() ? x.shape().str() : "undefined"));
}

}  // namespace

std::int64_t Tensor::integer_item(std::int64_t lowest, std::int64_t highest) const {
  check_one(*this);
  return dispatch(dtype_, [&]<class T> {
    const T element = *data<T>();
    const auto value = convert<std::int64_t>(element);
    bool exact = lowest <= value && value <= highest;
    if constexpr (std::is_floating_point_v<T>) exact = exact && static_cast<T>(value) == element && element < T(0x1p63);
    if (!exact)
      throw DTypeError(
          fmt::format("item: {} {} is not an integer from {} to {}", name(dtype_), element, lowest, highest));
    return value;
  });
}

double Tensor::real_item(int digits) const {
  check_one(*this);
  return dispatch(dtype_, [&]<class T> {
    const T element = *data<T>();
    if constexpr (std::is_same_v<T, std::int64_t>) {
      // Without its trailing zeros, the number must fit the digits.
      const std::uint64_t size =
          element < 0 ? 0 - static_cast<std::uint64_t>(element) : static_cast<std::uint64_t>(element);
      if (size != 0 && 64 - std::countl_zero(size) - std::countr_zero(size) > digits)
        throw DTypeError(fmt::format(
            "item: i64 {} has more digits than a number of {} bits; item<std::int64_t>() is exact", element, digits));
    }
    return static_cast<double>(element);
  });
}

Tensor Tensor::clone() const {
  check_defined("clone", "tensor", *this);
  Tensor copy = empty(shape_, dtype_, "clone");
  copy_from(copy, *this);
  return copy;
}

Tensor Tensor::contiguous() const {
  check_defined("contiguous", "tensor", *this);
  return is_contiguous() ? *this : clone();
}

void throw_undefined(std::string_view operation, std::string_view operand) {
  throw DTypeError(fmt::format("{}: {} is undefined", operation, operand));
}

void Tensor::throw_type(DType wanted) const {
  throw DTypeError(
      fmt::format("data: tensor is {}, asked for {}", defined() ? name(dtype_) : "undefined", name(wanted)));
}

}  // namespace heed
