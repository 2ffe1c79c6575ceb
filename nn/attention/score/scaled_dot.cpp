#include "heed/nn/attention/score/scaled_dot.h"

#include <cmath>

#include "heed/autograd/ops/elementwise.h"

namespace heed::nn {

Variable ScaledDotScore::forward(const Variable& query, const Variable& keys) const {
  check_shapes("scaled dot score", {{"query", query.value(), "B T K"}, {"keys", keys.value(), "B S K"}});
  return dot.forward(query * (1 / std::sqrt(static_cast<double>(dot.size))), keys);
}

}  // namespace heed::nn
