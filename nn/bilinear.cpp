#include "heed/nn/bilinear.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const Bilinear::Config& checked(const Bilinear::Config& c) {
  check_sizes("bilinear", {{"in1", c.in1}, {"in2", c.in2}, {"out", c.out}});
  return c;
}

Shape rows_of(const Tensor& x) {
  Shape rows = x.shape();
  if (rows.rank() > 0) rows.erase(rows.rank() - 1);
  return rows;
}

}  // namespace

Bilinear::Bilinear(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).out, c.in1, c.in2}, ParameterKind::weight, c.dtype}, c.in1)),
      bias(c.bias ? source.make({{c.out}, ParameterKind::bias, c.dtype}, c.in1) : Parameter()) {}

Variable Bilinear::forward(const Variable& x1, const Variable& x2) const {
  check_defined("bilinear", "x1", x1.value());
  check_defined("bilinear", "x2", x2.value());
  const std::int64_t out = weight.size(0), in1 = weight.size(1), in2 = weight.size(2);
  const Shape rows = rows_of(x1.value());
  if (x1.rank() == 0 || x2.rank() == 0 || !(rows == rows_of(x2.value())) || x1.size(-1) != in1 || x2.size(-1) != in2)
    throw ShapeError(fmt::format("bilinear: x1 {}, x2 {}: expected [.., {}] and [.., {}]", x1.shape().str(),
                                 x2.shape().str(), in1, in2));
  check_same_dtype("bilinear: x2", x1.dtype(), x2.dtype());
  const std::int64_t count = rows.numel();
  const Variable of_x2 = linear(reshape(x2, {count, in2}), reshape(weight, {out * in1, in2}));        // [N, out·in1]
  const Variable products = matmul(reshape(of_x2, {count, out, in1}), reshape(x1, {count, in1, 1}));  // [N, out, 1]
  Shape shape = rows;
  shape.push_back(out);
  const Variable y = reshape(products, shape);
  return bias.defined() ? y + bias : y;
}

}  // namespace heed::nn
