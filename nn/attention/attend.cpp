#include "heed/nn/attention/attend.h"

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/matmul.h"

namespace heed::nn {

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
