#include "heed/nn/attention/score/scaled_dot.h"

#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"

namespace heed::nn {

Variable ScaledDotScore::forward(const Variable& query, const Variable& keys) {
  const std::int64_t width =
      check_shapes("scaled dot score", {{"query", query.value(), "B T K"}, {"keys", keys.value(), "B S K"}})['K'];
  if (width == 0) return matmul(query, mT(keys));  // zeros
  return matmul(query / std::sqrt(static_cast<double>(width)), mT(keys));
}

}  // namespace heed::nn
