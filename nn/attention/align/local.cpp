#include "heed/nn/attention/align/local.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const LocalPredictiveAlign::Config& checked(const LocalPredictiveAlign::Config& c) {
  check_sizes("local-p align", {{"query", c.query}, {"hidden", c.hidden}, {"window", c.window}});
  if (!(c.deviation >= 0 && std::isfinite(c.deviation)))
    throw Error(fmt::format("local-p align: deviation is {}, expected a positive number, or 0", c.deviation));
  return c;
}

}  // namespace

LocalMonotonicAlign::LocalMonotonicAlign(std::int64_t window) : half_width(window) {
  if (window < 0) throw Error(fmt::format("local-m align: window is {}, expected at least 0", window));
}

Tensor LocalMonotonicAlign::window(const AlignQueries& queries) const {
  return window_mask(queries.queries, queries.keys, half_width, half_width, queries.first_query);
}

Variable LocalMonotonicAlign::forward(const Variable& scores, const Tensor& mask) { return softmax(scores, mask); }

LocalPredictiveAlign::LocalPredictiveAlign(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).hidden, c.query}, ParameterKind::weight, c.dtype}, c.query)),
      v(source.make({{c.hidden}, ParameterKind::weight, c.dtype}, c.hidden)),
      half_width(c.window),
      deviation(c.deviation > 0 ? c.deviation : static_cast<double>(c.window) / 2) {}

Variable LocalPredictiveAlign::position(const AlignQueries& queries) const {
  check_shapes("local-p align", {{"query", queries.query.value(), "B T Q"}, {"weight", weight.value(), "A Q"}});
  const Variable hidden = tanh(linear(queries.query, weight));      // [B, T, A]
  const Variable share = sigmoid(unsqueeze(matmul(hidden, v), 2));  // [B, T, 1]
  return share * Variable(to(queries.lengths, share.dtype()));
}

Tensor LocalPredictiveAlign::window(const AlignQueries& queries) const {
  const Tensor p = position(queries).value(), keys = arange(queries.keys, p.dtype());
  const auto width = static_cast<double>(half_width);
  // s >= ⌊p⌋ - D and s <= ⌊p⌋ + D, for whole s
  return logical_and(keys > p - (width + 1), keys <= p + width);
}

AlignOutput LocalPredictiveAlign::forward(const Variable& scores, const Tensor& mask,
                                          const AlignQueries& queries) const {
  const Variable distance = Variable(arange(queries.keys, scores.dtype())) - position(queries);  // [B, T, S]
  const Variable gaussian = exp(distance * distance * (-0.5 / (deviation * deviation)));
  return {softmax(scores, mask) * gaussian};
}

}  // namespace heed::nn
