#include "heed/nn/attention/score/distance.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"

namespace heed::nn {
namespace {

// Of differences: |q|² - 2qᵀk + |k|² would lose every digit of a small distance.
Variable squared_distance(std::string_view operation, const Variable& query, const Variable& keys) {
  check_shapes(operation, {{"query", query.value(), "B T K"}, {"keys", keys.value(), "B S K"}});
  const Variable difference = unsqueeze(query, 2) - unsqueeze(keys, 1);  // [B, T, S, K]
  return sum(difference * difference, 3);
}

}  // namespace

GaussianScore::GaussianScore(const Config& c) : deviation(c.deviation) {
  if (!(deviation > 0 && std::isfinite(deviation)))
    throw Error(fmt::format("gaussian score: deviation is {}, expected a positive number", deviation));
}

Variable GaussianScore::forward(const Variable& query, const Variable& keys) const {
  return squared_distance("gaussian score", query, keys) * (-0.5 / (deviation * deviation));
}

Variable InverseDistanceScore::forward(const Variable& query, const Variable& keys) {
  const Variable square = squared_distance("inverse distance score", query, keys);
  const Tensor equals = equal(square.value(), 0);  // where √ has no derivative
  return 1 / (1 + where(equals, 0, sqrt(where(equals, 1, square))));
}

}  // namespace heed::nn
