#include "heed/nn/attention/score/featurewise.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const FeaturewiseScore::Config& checked(const FeaturewiseScore::Config& c) {
  check_sizes("featurewise score",
              {{"query", c.query}, {"key", c.key}, {"hidden", c.hidden}, {"features", c.features}});
  return c;
}

}  // namespace

FeaturewiseScore::FeaturewiseScore(const Config& c, const ParameterSource& source)
    : query_weight(source.make({{checked(c).hidden, c.query}, ParameterKind::weight, c.dtype}, c.query)),
      query_bias(source.make({{c.hidden}, ParameterKind::bias, c.dtype}, c.query)),
      key_weight(source.make({{c.hidden, c.key}, ParameterKind::weight, c.dtype}, c.key)),
      weight(source.make({{c.features, c.hidden}, ParameterKind::weight, c.dtype}, c.hidden)) {}

Variable FeaturewiseScore::project_keys(const Variable& keys) const {
  check_shapes("featurewise score", {{"keys", keys.value(), "B S K"}, {"key.weight", key_weight.value(), "A K"}});
  return linear(keys, key_weight);
}

Variable FeaturewiseScore::forward(const Variable& query, const Variable& projected) const {
  check_shapes("featurewise score", {{"query", query.value(), "B T Q"},
                                     {"query.weight", query_weight.value(), "A Q"},
                                     {"projected keys", projected.value(), "B S A"}});
  const Variable of_query = linear(query, query_weight, query_bias);
  return linear(tanh(unsqueeze(of_query, 2) + unsqueeze(projected, 1)), weight);  // [B, T, S, D]
}

}  // namespace heed::nn
