#include "heed/nn/attention/score/concat.h"

#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/ops/movement.h"
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
      query_width(c.query) {}

Variable ConcatScore::project_keys(const Variable& keys) const {
  const Variable of_keys = slice(weight, 1, query_width, to_end);
  check_shapes("concat score", {{"keys", keys.value(), "B S K"}, {"weight of keys", of_keys.value(), "A K"}});
  return linear(keys, of_keys);
}

Variable ConcatScore::forward(const Variable& query, const Variable& projected) const {
  const Variable of_queries = slice(weight, 1, 0, query_width);
  check_shapes("concat score", {{"query", query.value(), "B T Q"},
                                {"weight of queries", of_queries.value(), "A Q"},
                                {"projected keys", projected.value(), "B S A"}});
  return additive_score(linear(query, of_queries), projected, v);
}

}  // namespace heed::nn
