#include "heed/nn/rms_norm.h"

#include "heed/nn/internal/check_norm.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const RmsNorm::Config& checked(const RmsNorm::Config& c) {
  check_norm("rms_norm", c.normalized_shape, c.epsilon.value_or(0));
  return c;
}

Tensor all_one(const ParameterSpec& p, Generator&) { return ones(p.shape, p.dtype); }

}  // namespace

RmsNorm::RmsNorm(const Config& c, const ParameterSource& source)
    : weight(checked(c).elementwise_affine ? source.make({c.normalized_shape, ParameterKind::gain, c.dtype}, all_one)
                                           : Parameter()),
      normalized_shape(c.normalized_shape),
      epsilon(c.epsilon) {}

}  // namespace heed::nn
