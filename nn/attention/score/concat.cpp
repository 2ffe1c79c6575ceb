#include "heed/nn/attention/score/concat.h"

#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/attention/internal/check_key_size.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const ConcatScore::Config& checked(const ConcatScore::Config& c) {
  check_sizes("concat score", {{"query", c.query}, {"key", c.key}, {"hidden", c.hidden}});
  return c;
}

}  // namespace

ConcatScore::ConcatScore(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).hidden, c.query + c.key}, ParameterKind::weight, c.dtype}, c.query + c.key)),
      v(source.make({{c.hidden}, ParameterKind::weight, c.dtype}, c.hidden)),
      query_size(c.query) {}

Variable ConcatScore::project_keys(const Variable& keys) const {
  const std::int64_t columns = weight.size(1);
  check_key_size("concat score", keys, columns - query_size);
  return linear(keys, slice(weight, 1, query_size, columns));
}

Variable ConcatScore::forward(const Variable& query, const Variable& keys) const {
  const Variable query_weight = slice(weight, 1, 0, query_size);
  check_shapes("concat score", {{"query", query.value(), "B T Q"},
                                {"weight of the query", query_weight.value(), "A Q"},
                                {"projected keys", keys.value(), "B S A"}});
  return additive_score(linear(query, query_weight), keys, v);
}

}  // namespace heed::nn
