#include "heed/tensor/ops/matmul.h"

#include <fmt/format.h>

#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/blas.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/internal/product.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

Tensor copy(const char* operation, const Tensor& x) {  // like clone(), which would name itself when memory ends
  Tensor y = empty(x.shape(), x.dtype(), operation);
  copy_from(y, x);
  return y;
}

Shape leading(const Shape& shape) {
  Shape batch = shape;
  batch.erase(batch.rank() - 1);
  batch.erase(batch.rank() - 1);
  return batch;
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_defined("matmul", "lhs", a);
  check_defined("matmul", "rhs", b);
  check_same_dtype("matmul", a.dtype(), b.dtype());
  if (a.rank() == 0 || b.rank() == 0)
    throw ShapeError(fmt::format("matmul: needs rank 1 or more: lhs {}, rhs {}", a.shape().str(), b.shape().str()));
  const int inner = b.rank() == 1 ? -1 : -2;
  if (a.size(-1) != b.size(inner))
    throw ShapeError(fmt::format("matmul: inner sizes differ: lhs {} axis -1 = {}, rhs {} axis {} = {}",
                                 a.shape().str(), a.size(-1), b.shape().str(), inner, b.size(inner)));
  if (a.rank() == 1) return squeeze(matmul(unsqueeze(a, 0), b), b.rank() == 1 ? 0 : -2);
  if (b.rank() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  check_blas_sizes(1, b.size(-1), a.size(-1), b.size(-1));  // rows are cut into tiles, columns have a stride
  if (a.rank() > 2 && b.rank() == 2) {
    Shape shape = a.shape();
    shape[shape.rank() - 1] = b.size(-1);
    return reshape(matmul(flatten_rows(a), b), shape);
  }
  const Shape batch = broadcast("matmul: leading axes", leading(a.shape()), leading(b.shape()));
  Shape shape = batch;
  shape.push_back(a.size(-2));
  shape.push_back(b.size(-1));
  return dispatch_float("matmul", a.dtype(), [&]<class T> {
    if (a.size(-1) == 0) return zeros(shape, a.dtype());
    Tensor y = empty(shape, a.dtype(), "matmul");
    if (y.numel() > 0) multiply<T>("matmul", a, b, 0, y);
    return y;
  });
}

void add_matmul(Tensor& y, const Tensor& a, const Tensor& b) {
  check_defined("add_matmul", "target", y);
  check_defined("add_matmul", "lhs", a);
  check_defined("add_matmul", "rhs", b);
  check_same_dtype("add_matmul", a.dtype(), b.dtype());
  check_same_dtype("add_matmul", y.dtype(), a.dtype());
  check_shapes("add_matmul", {{"lhs", a, ".. M K"}, {"rhs", b, ".. K N"}, {"target", y, ".. M N"}});
  const Shape batch = broadcast("add_matmul: leading axes", leading(a.shape()), leading(b.shape()));
  if (!(batch == leading(y.shape())))
    throw ShapeError(fmt::format("add_matmul: leading axes differ: lhs {}, rhs {}, target {}", a.shape().str(),
                                 b.shape().str(), y.shape().str()));
  if (!y.is_contiguous()) throw ShapeError(fmt::format("add_matmul: the target {} is not contiguous", y.shape().str()));
  check_blas_sizes(1, b.size(-1), a.size(-1), b.size(-1));
  dispatch_float("add_matmul", y.dtype(), [&]<class T> {
    const auto apart = [&](const Tensor& x) { return overlap(x, y) == Overlap::none ? x : copy("add_matmul", x); };
    if (y.numel() > 0 && a.size(-1) > 0) multiply<T>("add_matmul", apart(a), apart(b), 1, y);
  });
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_defined("linear", "x", x);
  check_defined("linear", "weight", weight);
  check_same_dtype("linear", x.dtype(), weight.dtype());
  if (!is_float(x.dtype())) throw_dtype("linear", x.dtype(), "f32 or f64");
  if (bias.defined()) check_same_dtype("linear", x.dtype(), bias.dtype());
  check_shapes("linear", {{"x", x, ".. I"}, {"weight", weight, "O I"}, {"bias", bias, "O", true}});
  Shape shape = x.shape();
  shape[shape.rank() - 1] = weight.size(0);
  if (!bias.defined()) return reshape(matmul(flatten_rows(x), mT(weight)), shape);
  check_blas_sizes(1, weight.size(0), weight.size(1), weight.size(0));
  const Tensor rows = flatten_rows(x);
  return dispatch_float("linear", x.dtype(), [&]<class T> {
    Tensor y = copy("linear", expand(bias, {rows.size(0), weight.size(0)}));
    if (y.numel() > 0 && x.size(-1) > 0) multiply<T>("linear", rows, mT(weight), 1, y);
    return reshape(y, shape);
  });
}

}  // namespace heed
