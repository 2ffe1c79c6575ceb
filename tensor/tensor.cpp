#include "heed/tensor/tensor.h"

#include <fmt/format.h>

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

double Tensor::item() const {
  if (!defined() || numel() != 1)
    throw ShapeError(
        fmt::format("item: needs exactly one element, shape is {}", defined() ? shape_.str() : "undefined"));
  return visit_dtype(dtype_, [&]<class T> { return static_cast<double>(*data<T>()); });
}

Tensor Tensor::clone() const {
  Tensor copy = empty(shape_, dtype_, "clone");
  copy_from(copy, *this);
  return copy;
}

void Tensor::refuse_type(DType wanted) const {
  throw DTypeError(
      fmt::format("data: tensor is {}, asked for {}", defined() ? name(dtype_) : "undefined", name(wanted)));
}

}  // namespace heed
