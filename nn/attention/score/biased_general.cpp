#include "heed/nn/attention/score/biased_general.h"

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
    : weight(source.make({{checked(c).key, c.query}, ParameterKind::weight, c.dtype}, c.query)),
      bias(source.make({{c.key}, ParameterKind::bias, c.dtype}, c.query)) {}

Variable BiasedGeneralScore::project_keys(const Variable& keys) const {
  check_shapes("biased general score", {{"keys", keys.value(), "B S K"}, {"weight", weight.value(), "K Q"}});
  return keys;
}

Variable BiasedGeneralScore::forward(const Variable& query, const Variable& keys) const {
  check_shapes("biased general score",
               {{"query", query.value(), "B T Q"}, {"weight", weight.value(), "K Q"}, {"keys", keys.value(), "B S K"}});
  return matmul(linear(query, weight, bias), mT(keys));
}

}  // namespace heed::nn
