#include "heed/nn/positions/positions.h"

#include <fmt/format.h>

#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {

Tensor Positions::of(std::string_view operation, std::int64_t batch, std::int64_t length) const {
  if (!each_.defined()) {
    if (first_ > std::numeric_limits<std::int64_t>::max() - length)
      throw IndexError(fmt::format("{}: {} rows from position {} on", operation, length, first_));
    return arange(length) + first_;
  }
  const Shape shape = each_.shape();
  if (!(shape == Shape{length} || shape == Shape{batch, length}))
    throw ShapeError(fmt::format("{}: positions {}; expected [T] or [B, T] with B = {} and T = {}", operation,
                                 shape.str(), batch, length));
  if (each_.dtype() != DType::i64) throw_dtype(fmt::format("{}: positions", operation), each_.dtype(), "i64");
  return each_;
}

}  // namespace heed::nn
