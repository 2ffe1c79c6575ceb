#include "heed/nn/layer_norm.h"

#include "heed/nn/internal/check_norm.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const LayerNorm::Config& checked(const LayerNorm::Config& c) {
  check_norm("layer_norm", c.normalized_shape, c.epsilon);
  return c;
}

Tensor all_one(const ParameterSpec& p, Generator&) { return ones(p.shape, p.dtype); }
Tensor all_zero(const ParameterSpec& p, Generator&) { return zeros(p.shape, p.dtype); }

}  // namespace

LayerNorm::LayerNorm(const Config& c, const ParameterSource& source)
    : weight(checked(c).elementwise_affine ? source.make({c.normalized_shape, ParameterKind::gain, c.dtype}, all_one)
                                           : Parameter()),
      bias(c.elementwise_affine && c.bias ? source.make({c.normalized_shape, ParameterKind::bias, c.dtype}, all_zero)
                                          : Parameter()),
      normalized_shape(c.normalized_shape),
      epsilon(c.epsilon) {}

}  // namespace heed::nn
