#include "heed/nn/attention/score/location.h"

#include <algorithm>

#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {
namespace {

const LocationScore::Config& checked(const LocationScore::Config& c) {
  check_sizes("location score", {{"query", c.query}, {"positions", c.positions}});
  return c;
}

}  // namespace

LocationScore::LocationScore(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).positions, c.query}, ParameterKind::weight, c.dtype}, c.query)) {}

Variable LocationScore::forward(const Variable& query, const Variable& keys) const {
  const Sizes size = check_shapes(
      "location score",
      {{"query", query.value(), "B T Q"}, {"weight", weight.value(), "P Q"}, {"keys", keys.value(), "B S K"}});
  const std::int64_t known = std::min(size['S'], size['P']);
  const Variable e = linear(query, slice(weight, 0, 0, known));  // [B, T, known]
  if (known == size['S']) return e;
  return concat({e, Variable(zeros({size['B'], size['T'], size['S'] - known}, e.dtype()))}, 2);
}

Tensor LocationScore::mask(std::int64_t keys) const {
  if (keys <= weight.size(0)) return {};
  return reshape(arange(keys) < weight.size(0), {1, 1, keys});
}

}  // namespace heed::nn
