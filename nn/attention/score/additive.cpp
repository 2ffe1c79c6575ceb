#include "heed/nn/attention/score/additive.h"

#include "heed/autograd/fused/additive_score.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const AdditiveScore::Config& checked(const AdditiveScore::Config& c) {
  check_sizes("additive score", {{"query", c.query}, {"key", c.key}, {"hidden", c.hidden}});
  return c;
}

Tensor nearly_zero(const ParameterSpec& p, Generator& generator) {
  return normal(generator, p.shape, 0, 0.001, p.dtype);
}

Tensor all_zero(const ParameterSpec& p, Generator&) { return zeros(p.shape, p.dtype); }

}  // namespace

AdditiveScore::AdditiveScore(const Config& c, const ParameterSource& source)
    : query_weight(source.make({{checked(c).hidden, c.query}, ParameterKind::weight, c.dtype}, nearly_zero)),
      key_weight(source.make({{c.hidden, c.key}, ParameterKind::weight, c.dtype}, nearly_zero)),
      v(source.make({{c.hidden}, ParameterKind::weight, c.dtype}, all_zero)) {}

Variable AdditiveScore::project_keys(const Variable& keys) const {
  check_shapes("additive score", {{"keys", keys.value(), "B S K"}, {"key.weight", key_weight.value(), "A K"}});
  return linear(keys, key_weight);
}

Variable AdditiveScore::forward(const Variable& query, const Variable& keys) const {
  check_shapes("additive score", {{"query", query.value(), "B T Q"},
                                  {"query.weight", query_weight.value(), "A Q"},
                                  {"projected keys", keys.value(), "B S A"}});
  return additive_score(linear(query, query_weight), keys, v);
}

}  // namespace heed::nn
