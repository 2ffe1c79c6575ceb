#include "heed/autograd/ops/matmul.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"

namespace heed {
namespace {

struct MatMulRule final : Rule<MatMulRule> {  // y = a·b      a [.., m, k]   b [.., k, n]   y [.., m, n]
  static constexpr std::string_view op = "matmul";
  Saved a{*this}, b{*this};  // each is kept only if the other side needs a gradient
  Shape a_shape, b_shape;

  template <class V>
  Grads<V> vjp(const V& gradient, const Sums<V>& sums) {  // da = dy·bᵀ   db = aᵀ·dy
    V dy = gradient;                                      // as if a vector were a matrix of one row (a) or column (b)
    if (b_shape.rank() == 1) dy = unsqueeze(dy, -1);
    if (a_shape.rank() == 1) dy = unsqueeze(dy, -2);
    return {needs(0) ? to_a<V>(dy, sums) : V(), needs(1) ? to_b<V>(dy, sums) : V()};
  }

  template <class V>
  V to_a(const V& dy, const Sums<V>& sums) {
    const V right = b_shape.rank() == 1 ? unsqueeze(b.as<V>(), -1) : b.as<V>();
    if (a_shape.rank() > 1 && is_batch_of(dy, a_shape)) return sums.add_product(0, dy, mT(right));
    return sum_to(matmul(dy, mT(right)), a_shape);
  }

  template <class V>
  V to_b(const V& dy, const Sums<V>& sums) {  // with one b for all rows of a this is a single product
    const V left = a_shape.rank() == 1 ? unsqueeze(a.as<V>(), 0) : a.as<V>();
    if (b_shape.rank() > 2 && is_batch_of(dy, b_shape)) return sums.add_product(1, mT(left), dy);
    if (b_shape.rank() > 2) return sum_to(matmul(mT(left), dy), b_shape);
    if (b_shape.rank() == 2) return sums.add_product(1, mT(flatten_rows(left)), flatten_rows(dy));
    return squeeze(matmul(mT(flatten_rows(left)), flatten_rows(dy)), -1);
  }

  // Whether the matrices of an operand are as many as those of dy.
  template <class V>
  static bool is_batch_of(const V& dy, const Shape& operand) {
    return dy.rank() == operand.rank() &&
           std::equal(operand.begin(), operand.end() - 2, dy.shape().begin(), dy.shape().end() - 2);
  }
};

struct LinearRule final : Rule<LinearRule> {  // y = x·wᵀ + bias      x [.., in]   w [out, in]   y [.., out]
  static constexpr std::string_view op = "linear";
  Saved x{*this}, weight{*this};

  template <class V>
  Grads<V> vjp(const V& dy, const Sums<V>& sums) {  // dx = dy·w   dw = dyᵀ·x   dbias = Σ rows of dy
    const V rows = flatten_rows(dy);
    return {needs(0) ? matmul(dy, weight.as<V>()) : V(),
            needs(1) ? sums.add_product(1, mT(rows), flatten_rows(x.as<V>())) : V(), needs(2) ? sum(rows, {0}) : V()};
  }
};

}  // namespace

Variable matmul(const Variable& a, const Variable& b) {
  return record<MatMulRule>(matmul(a.value(), b.value()), {a, b}, [&](MatMulRule& rule) {
    if (rule.needs(1)) rule.a.keep_input(0, a);
    if (rule.needs(0)) rule.b.keep_input(1, b);
    rule.a_shape = a.shape();
    rule.b_shape = b.shape();
  });
}

Variable linear(const Variable& x, const Variable& weight, const Variable& bias) {
  return record<LinearRule>(linear(x.value(), weight.value(), bias.value()), {x, weight, bias}, [&](LinearRule& rule) {
    if (rule.needs(1)) rule.x.keep_input(0, x);
    if (rule.needs(0)) rule.weight.keep_input(1, weight);
  });
}

Variable linear_definition(const Variable& x, const Variable& weight, const Variable& bias) {
  const Variable y = matmul(x, mT(weight));
  return bias.defined() ? y + bias : y;
}

}  // namespace heed
