#include "heed/nn/attention/score/activated_general.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const ActivatedGeneralScore::Config& checked(const ActivatedGeneralScore::Config& c) {
  check_sizes("activated general score", {{"query", c.query}, {"key", c.key}});
  return c;
}

}  // namespace

ActivatedGeneralScore::ActivatedGeneralScore(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).query, c.key}, ParameterKind::weight, c.dtype}, c.query)),
      bias(source.make({{1}, ParameterKind::bias, c.dtype}, c.query)),
      activation(c.activation) {}

Variable ActivatedGeneralScore::project_keys(const Variable& keys) const {
  check_shapes("activated general score", {{"keys", keys.value(), "B S K"}, {"weight", weight.value(), "Q K"}});
  return linear(keys, weight);
}

Variable ActivatedGeneralScore::forward(const Variable& query, const Variable& projected) const {
  check_shapes("activated general score",
               {{"query", query.value(), "B T Q"}, {"projected keys", projected.value(), "B S Q"}});
  const Variable e = matmul(query, mT(projected)) + bias;
  switch (activation) {
    case Activation::tanh:
      return tanh(e);
    case Activation::relu:
      return relu(e);
    case Activation::identity:
      break;
  }
  return e;
}

}  // namespace heed::nn
