#include "heed/nn/attention/score/cosine.h"

#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/internal/check_key_size.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {
namespace {

const CosineScore::Config& checked(const CosineScore::Config& c) {
  check_sizes("cosine score", {{"size", c.size}});
  if (!(c.scale > 0) || !std::isfinite(c.scale))
    throw Error(fmt::format("cosine score: scale is {}, expected a positive, finite number", c.scale));
  return c;
}

// x/max(|x|, ε). The square root's slope at 0 is infinite, so its argument is kept above 0 where the result does not
// depend on it.
Variable direction(const Variable& x) {
  constexpr double epsilon = 1e-8;
  return x / sqrt(maximum(sum(x * x, {-1}, true), epsilon * epsilon));
}

}  // namespace

CosineScore::CosineScore(const Config& c, const ParameterSource& source)
    : size(checked(c).size),
      log_scale(source.make({{1}, ParameterKind::gain, c.dtype},
                            [&](const ParameterSpec& p, Generator&) { return log(full(p.shape, c.scale, p.dtype)); })) {
}

Variable CosineScore::project_keys(const Variable& keys) const {
  check_key_size("cosine score", keys, size);
  return direction(keys);
}

Variable CosineScore::forward(const Variable& query, const Variable& keys) const {
  check_shapes("cosine score", {{"query", query.value(), "B T K"}, {"keys", keys.value(), "B S K"}});
  return matmul(direction(query), mT(keys)) * exp(log_scale);
}

}  // namespace heed::nn
