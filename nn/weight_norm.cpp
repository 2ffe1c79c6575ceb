#include "heed/nn/weight_norm.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

Shape one_beside(const Shape& shape) {  // [out, 1, ..]
  Shape result = shape;
  for (int axis = 1; axis < result.rank(); ++axis) result[axis] = 1;
  return result;
}

template <class V>
V length_of(const V& v) {
  Axes axes;
  for (int axis = 1; axis < v.rank(); ++axis) axes.push_back(axis);
  return sqrt(sum(v * v, axes, true));
}

}  // namespace

Variable normalised_weight(const Variable& g, const Variable& v) {
  check_defined("weight_norm", "g", g.value());
  check_defined("weight_norm", "v", v.value());
  if (v.rank() < 2 || !(g.shape() == one_beside(v.shape())))
    throw ShapeError(
        fmt::format("weight_norm: g {}, v {}: expected [out, 1, ..] and [out, ..]", g.shape().str(), v.shape().str()));
  return v * (g / length_of(v));
}

Parameter detail::weight_length(const Parameter& v, std::int64_t out, DType dtype, const ParameterSource& source) {
  const Shape shape = v.defined() ? one_beside(v.shape()) : Shape{out};
  return source.make({shape, ParameterKind::gain, dtype},
                     [&](const ParameterSpec&, Generator&) { return length_of(v.value()); });
}

}  // namespace heed::nn
