#include "heed/nn/attention/score/general.h"

#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const GeneralScore::Config& checked(const GeneralScore::Config& c) {
  check_sizes("general score", {{"query", c.query}, {"key", c.key}});
  return c;
}

}  // namespace

GeneralScore::GeneralScore(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).query, c.key}, ParameterKind::weight, c.dtype}, c.query)) {}

Variable GeneralScore::project_keys(const Variable& keys) const {
  check_shapes("general score", {{"keys", keys.value(), "B S K"}, {"weight", weight.value(), "Q K"}});
  return linear(keys, weight);
}

Variable GeneralScore::forward(const Variable& query, const Variable& projected) {
  check_shapes("general score", {{"query", query.value(), "B T Q"}, {"projected keys", projected.value(), "B S Q"}});
  return matmul(query, mT(projected));
}

}  // namespace heed::nn
