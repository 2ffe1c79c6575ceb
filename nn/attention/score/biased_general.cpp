#include "heed/nn/attention/score/biased_general.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const BiasedGeneralScore::Config& checked(const BiasedGeneralScore::Config& c) {
  check_sizes("biased general score", {{"query", c.query}, {"key", c.key}});
  return c;
}

}  // namespace

BiasedGeneralScore::BiasedGeneralScore(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).query, c.key}, ParameterKind::weight, c.dtype}, c.query)),
      bias(source.make({{c.key}, ParameterKind::bias, c.dtype}, c.query)) {}

Variable BiasedGeneralScore::project_keys(const Variable& keys) const {
  check_shapes("biased general score", {{"keys", keys.value(), "B S K"}, {"weight", weight.value(), "Q K"}});
  return linear(keys, concat({weight, unsqueeze(bias, 0)}, 0));
}

Variable BiasedGeneralScore::forward(const Variable& query, const Variable& projected) {
  check_defined("biased general score", "projected keys", projected.value());
  const Variable of_query = slice(projected, -1, 0, -1), alone = slice(projected, -1, -1, to_end);
  check_shapes("biased general score",
               {{"query", query.value(), "B T Q"}, {"projected keys, but for the last", of_query.value(), "B S Q"}});
  return matmul(query, mT(of_query)) + mT(alone);
}

}  // namespace heed::nn
