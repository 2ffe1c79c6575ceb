#include "heed/nn/attention/score/dot.h"

#include "heed/autograd/ops/movement.h"

namespace heed::nn {

Variable DotScore::forward(const Variable& query, const Variable& keys) {
  check_shapes("dot score", {{"query", query.value(), "B T K"}, {"keys", keys.value(), "B S K"}});
  return matmul(query, mT(keys));
}

}  // namespace heed::nn
