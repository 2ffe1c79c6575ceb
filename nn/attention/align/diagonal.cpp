#include "heed/nn/attention/align/diagonal.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/softmax.h"

namespace heed::nn {
namespace {

// t·S for the queries: [B, T, 1] i64.
Tensor steps_times_length(const AlignQueries& queries) {
  return reshape(arange(queries.queries) + queries.first_query, {1, queries.queries, 1}) * queries.lengths;
}

}  // namespace

DiagonalAlign::DiagonalAlign(double width) : deviation(width) {
  if (!(width >= 0 && std::isfinite(width)))
    throw Error(fmt::format("diagonal align: deviation is {}, expected at least 0", width));
}

Tensor DiagonalAlign::window(const AlignQueries& queries) const {
  if (deviation > 0) return {};
  const Tensor place = steps_times_length(queries), begin = arange(queries.keys) * queries.target_length;
  return logical_and(begin <= place, place < begin + queries.target_length);  // s = ⌊t·S/T⌋
}

AlignOutput DiagonalAlign::forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const {
  if (deviation == 0) return {Variable(to(expand(mask, scores.shape()), scores.dtype()))};
  const Tensor centre = to(steps_times_length(queries), scores.dtype()) / static_cast<double>(queries.target_length);
  const Tensor distance = arange(queries.keys, scores.dtype()) - centre;  // [B, T, S]
  return {Variable(softmax(distance * distance * (-0.5 / (deviation * deviation)), mask))};
}

}  // namespace heed::nn
