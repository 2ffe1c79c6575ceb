#include "heed/nn/attention/attend.h"

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {

Tensor length_mask(std::span<const std::int64_t> lengths, std::int64_t size) {
  const auto batch = static_cast<std::int64_t>(lengths.size());
  return less(expand(arange(size), {batch, 1, size}), tensor(lengths, {batch, 1, 1}));
}

Variable hide(const Variable& values, const Tensor& mask) {
  check_defined("hide", "values", values.value());
  if (!mask.defined()) return values;
  const Shape& shape = values.shape();
  if (shape.rank() != 3 || !(mask.shape() == Shape{shape[0], 1, shape[1]}))
    throw ShapeError(fmt::format("attention: keys or values {}, mask {}: expected [B, S, D] and [B, 1, S]", shape.str(),
                                 mask.shape().str()));
  return where(mT(mask), values, Variable(scalar_like(values.value(), 0)));
}

AttentionOutput attend(const Variable& scores, const Tensor& mask, const Variable& values) {
  check_defined("attend", "scores", scores.value());
  check_defined("attend", "values", values.value());
  if (scores.rank() != 3 || values.rank() != 3 || scores.size(0) != values.size(0) || scores.size(2) != values.size(1))
    throw ShapeError(fmt::format("attend: scores {}, values {}: expected [B, T, S] and [B, S, D]", scores.shape().str(),
                                 values.shape().str()));
  const Variable weights = softmax(scores, mask);  // [B, T, S]
  return {matmul(weights, values), weights};       // [B, T, D]
}

}  // namespace heed::nn
