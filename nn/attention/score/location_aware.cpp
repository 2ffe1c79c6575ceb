#include "heed/nn/attention/score/location_aware.h"

#include <fmt/format.h>

#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/fused/conv1d.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const LocationAwareScore::Config& checked(const LocationAwareScore::Config& c) {
  check_sizes("location-aware score",
              {{"query", c.query}, {"key", c.key}, {"hidden", c.hidden}, {"channels", c.channels}, {"width", c.width}});
  if (c.width % 2 == 0) throw Error(fmt::format("location-aware score: width is {}, expected an odd one", c.width));
  return c;
}

}  // namespace

LocationAwareScore::LocationAwareScore(const Config& c, const ParameterSource& source)
    : query_weight(source.make({{checked(c).hidden, c.query}, ParameterKind::weight, c.dtype}, c.query)),
      query_bias(source.make({{c.hidden}, ParameterKind::bias, c.dtype}, c.query)),
      key_weight(source.make({{c.hidden, c.key}, ParameterKind::weight, c.dtype}, c.key)),
      convolution(source.make({{c.channels, 1, c.width}, ParameterKind::weight, c.dtype}, c.width)),
      location_weight(source.make({{c.hidden, c.channels}, ParameterKind::weight, c.dtype}, c.channels)),
      v(source.make({{c.hidden}, ParameterKind::weight, c.dtype}, c.hidden)) {}

Variable LocationAwareScore::project_keys(const Variable& keys) const {
  check_shapes("location-aware score", {{"keys", keys.value(), "B S K"}, {"key.weight", key_weight.value(), "A K"}});
  return linear(keys, key_weight);
}

Variable LocationAwareScore::forward(const Variable& query, const Variable& projected, const Variable& previous) const {
  check_shapes("location-aware score", {{"query", query.value(), "B 1 Q"},
                                        {"query.weight", query_weight.value(), "A Q"},
                                        {"projected keys", projected.value(), "B S A"},
                                        {"previous weights", previous.value(), "B 1 S", true}});
  const Variable of_query = linear(query, query_weight, query_bias);
  if (!previous.defined()) return additive_score(of_query, projected, v);
  const Variable features = conv1d(previous, convolution, {.padding = convolution.size(2) / 2});  // [B, channels, S]
  return additive_score(of_query, projected + linear(mT(features), location_weight), v);
}

}  // namespace heed::nn
