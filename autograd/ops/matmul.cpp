#include "heed/autograd/ops/matmul.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"

namespace heed {
namespace {

struct MatMul final : Rule<MatMul> {  // y = a·b      a [.., m, k]   b [.., k, n]   y [.., m, n]
  static constexpr std::string_view op = "matmul";
  Saved a{*this}, b{*this};  // each is kept only if the other side needs a gradient
  Shape a_shape, b_shape;

  template <class V>
  Grads<V> vjp(const V& dy) {  // da = dy·bᵀ   db = aᵀ·dy
    return {needs(0) ? sum_to(matmul(dy, mT(b.as<V>())), a_shape) : V(), needs(1) ? rows_product<V>(dy) : V()};
  }

  template <class V>
  V rows_product(const V& dy) {  // aᵀ·dy; with one b for all rows of a this is a single product
    const V left = a.as<V>();
    if (b_shape.rank() > 2 || left.rank() == 2) return sum_to(matmul(mT(left), dy), b_shape);
    return matmul(mT(as_rows(left)), as_rows(dy));
  }

  template <class V>
  static V as_rows(const V& x) {  // [.., n] -> [rows, n]
    std::int64_t rows = 1;
    for (int axis = 0; axis < x.rank() - 1; ++axis) rows *= x.shape()[axis];
    return reshape(x, {rows, x.size(-1)});
  }
};

struct Linear final : Rule<Linear> {  // y = x·wᵀ + bias      x [rows, in]   w [out, in]   y [rows, out]
  static constexpr std::string_view op = "linear";
  Saved x{*this}, weight{*this};

  template <class V>
  Grads<V> vjp(const V& dy) {  // dx = dy·w   dw = dyᵀ·x   dbias = Σ rows of dy
    return {needs(0) ? matmul(dy, weight.as<V>()) : V(), needs(1) ? matmul(mT(dy), x.as<V>()) : V(),
            needs(2) ? sum(dy, {0}) : V()};
  }
};

}  // namespace

Variable matmul(const Variable& a, const Variable& b) {
  // Vectors are matrices with one row or column here, so the rule knows only matrices.
  if (a.rank() == 1 && b.rank() >= 1) return squeeze(matmul(unsqueeze(a, 0), b), b.rank() == 1 ? 0 : -2);
  if (b.rank() == 1 && a.rank() >= 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  return record<MatMul>(matmul(a.value(), b.value()), {a, b}, [&](MatMul& rule) {
    if (rule.needs(1)) rule.a.keep_input(0, a);
    if (rule.needs(0)) rule.b.keep_input(1, b);
    rule.a_shape = a.shape();
    rule.b_shape = b.shape();
  });
}

Variable linear(const Variable& x, const Variable& weight, const Variable& bias) {
  if (x.rank() != 2 && x.rank() != 0) {  // the rule knows one row per example
    Shape shape = x.shape();
    std::int64_t rows = 1;
    for (int axis = 0; axis < x.rank() - 1; ++axis) rows *= shape[axis];
    const Variable y = linear(reshape(x, {rows, x.size(-1)}), weight, bias);
    shape[shape.rank() - 1] = y.size(-1);
    return reshape(y, shape);
  }
  return record<Linear>(linear(x.value(), weight.value(), bias.value()), {x, weight, bias}, [&](Linear& rule) {
    if (rule.needs(1)) rule.x.keep_input(0, x);
    if (rule.needs(0)) rule.weight.keep_input(1, weight);
  });
}

Variable linear_definition(const Variable& x, const Variable& weight, const Variable& bias) {
  const Variable y = matmul(x, mT(weight));
  return bias.defined() ? y + bias : y;
}

}  // namespace heed
