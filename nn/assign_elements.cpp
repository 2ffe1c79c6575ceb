#include "heed/nn/assign_elements.h"

#include <fmt/format.h>

#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/mutate.h"

namespace heed::nn {

void assign_elements(const char* what, const Tensor& to, const Tensor& from) {
  if (!from.defined())
    throw ShapeError(fmt::format("{}: nothing is assigned to one of shape {}", what, to.shape().str()));
  if (!(to.shape() == from.shape()))
    throw ShapeError(fmt::format("{}: shape {} is assigned to shape {}", what, from.shape().str(), to.shape().str()));
  if (to.dtype() != from.dtype())
    throw DTypeError(fmt::format("{}: {} is assigned to {}, shape {}", what, name(from.dtype()), name(to.dtype()),
                                 to.shape().str()));
  check_no_repeats(what, to);
  Tensor target = to;  // a handle to the same elements
  copy_from(target, from);
}

void check_moved_from(const char* what, bool moved_from, const Tensor& value) {
  if (!moved_from) throw ShapeError(fmt::format("{}: one of shape {} is assigned to none", what, value.shape().str()));
}

}  // namespace heed::nn
