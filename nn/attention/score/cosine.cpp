#include "heed/nn/attention/score/cosine.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

double checked_scale(double scale) {
  if (!(scale > 0 && std::isfinite(scale)))
    throw Error(fmt::format("cosine score: scale is {}, expected a positive number", scale));
  return scale;
}

// The square of the norm is kept above ε², not the norm above ε: √ has no derivative at 0.
Variable normalised(const Variable& x) {
  constexpr double epsilon = 1e-8;
  return x / sqrt(maximum(sum(x * x, -1, true), epsilon * epsilon));
}

}  // namespace

CosineScore::CosineScore(const Config& c, const ParameterSource& source)
    : log_scale(source.make({{1}, ParameterKind::gain, c.dtype},
                            [scale = checked_scale(c.scale)](const ParameterSpec& p, Generator&) {
                              return log(full(p.shape, scale, p.dtype));
                            })) {}

Variable CosineScore::project_keys(const Variable& keys) {
  check_shapes("cosine score", {{"keys", keys.value(), "B S K"}});
  return normalised(keys);
}

Variable CosineScore::forward(const Variable& query, const Variable& projected) const {
  check_shapes("cosine score", {{"query", query.value(), "B T K"}, {"projected keys", projected.value(), "B S K"}});
  return matmul(normalised(query), mT(projected)) * exp(log_scale);
}

}  // namespace heed::nn
