#include "heed/nn/attention/pooling.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

Linear::Config projected(const AttentionPooling::Config& c) {
  check_sizes("attention pooling", {{"input", c.input}, {"hidden", c.hidden}});
  return {.in = c.input, .out = c.hidden, .dtype = c.dtype};
}

Tensor small(const ParameterSpec& p, Generator& generator) { return normal(generator, p.shape, 0, 0.05, p.dtype); }

}  // namespace

AttentionPooling::AttentionPooling(const Config& c, const ParameterSource& source)
    : projection(projected(c), source), v(source.make({{c.hidden}, ParameterKind::weight, c.dtype}, small)) {}

PoolingOutput AttentionPooling::forward(const Variable& x, const Tensor& mask) const {
  check_shapes("attention pooling", {{"x", x.value(), "B S D"},
                                     {"projection.weight", projection.weight.value(), "A D"},
                                     {"mask", mask, "B 1 S", true}});
  const Variable read = mask_padding(x, mask);
  const Variable scores = matmul(tanh(projection.forward(read)), v);                  // [B, S]
  const AttentionOutput found = attend_for(*this, unsqueeze(scores, 1), mask, read);  // [B, 1, D], [B, 1, S]
  return {squeeze(found.context, 1), squeeze(found.weights, 1)};
}

}  // namespace heed::nn
