// Plain rules, not Fused ones: both are differentiated from their output alone, and would keep their input for nothing
// if recorded gradients went by the definition.
#include "heed/autograd/fused/softmax.h"

#include <limits>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/each_row.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

struct Softmax final : Rule<Softmax> {
  static constexpr std::string_view op = "softmax";
  Saved y{*this};
  int axis = -1;

  template <class V>
  Grads<V> vjp(const V& dy) {
    if constexpr (std::is_same_v<V, Tensor>) {
      return {backward(dy)};
    } else {
      const V weights = y.as<V>();
      // Where the weight is 0 dy may be anything, NaN included: it must not be multiplied.
      const V seen = where(equal(y.tensor(), scalar_like(y.tensor(), 0)), V(scalar_like(y.tensor(), 0)), dy);
      return {weights * (seen - sum(weights * seen, {axis}, true))};
    }
  }

  Tensor backward(const Tensor& dy) const {
    const auto exchanged = [this](const Tensor& x) { return axis == -1 ? x : transpose(x, axis, -1); };
    const Tensor weights = exchanged(y.tensor()).contiguous(), gradient = exchanged(dy).contiguous();
    const std::int64_t n = weights.size(-1), rows = n == 0 ? 0 : weights.numel() / n;
    Tensor dx = empty(weights.shape(), weights.dtype(), op);
    dispatch_float(op, dx.dtype(), [&]<class T> {
      each_row<T>({rows, n, 16384}, kernels::softmax().of<T>().backward, weights, gradient, dx);
    });
    return exchanged(dx);
  }
};

struct LogSoftmax final : Rule<LogSoftmax> {
  static constexpr std::string_view op = "log_softmax";
  Saved y{*this}, mask{*this};
  int axis = -1;

  template <class V>
  Grads<V> vjp(const V& dy) {
    if (!mask.has_value()) return {dy - exp(y.as<V>()) * sum(dy, {axis}, true)};
    const V zero(scalar_like(y.tensor(), 0));
    const V seen = where(mask.tensor(), dy, zero);
    return {where(mask.tensor(), seen - exp(y.as<V>()) * sum(seen, {axis}, true), zero)};
  }
};

// x less its maximum along the axis, and the sum of its exp. exp sees 0 at masked entries, so that nothing standing
// there can reach a gradient; where nothing may be seen the sum is 1.
struct Shifted {
  Variable x, exp, total;
};

Shifted shifted(const Variable& x, int axis, const Tensor& mask) {
  if (!mask.defined()) {
    const Variable below = x - max(x.value(), {axis}, true), e = exp(below);
    return {below, e, sum(e, {axis}, true)};
  }
  const Tensor zero = scalar_like(x.value(), 0), one = scalar_like(x.value(), 1);
  const Tensor top =
      max(where(mask, x.value(), scalar_like(zero, -std::numeric_limits<double>::infinity())), {axis}, true);
  const Tensor nothing = less(max(where(mask, ones(x.shape(), x.dtype()), zero), {axis}, true), one);
  const Variable below = where(mask, x - where(nothing, zero, top), zero), e = where(mask, exp(below), zero);
  return {below, e, where(nothing, one, sum(e, {axis}, true))};
}

}  // namespace

Variable softmax(const Variable& x, int axis, const Tensor& mask) {
  const Tensor y = softmax(x.value(), axis, mask);
  return record<Softmax>(y, {x}, [&](Softmax& rule) {
    rule.y.keep_output(y);
    rule.axis = axis;
  });
}

Variable softmax_definition(const Variable& x, int axis, const Tensor& mask) {
  const Shifted s = shifted(x, axis, mask);
  const Variable y = s.exp / s.total;
  return mask.defined() ? where(mask, y, scalar_like(y.value(), 0)) : y;
}

Variable log_softmax(const Variable& x, int axis, const Tensor& mask) {
  const Tensor y = log_softmax(x.value(), axis, mask);
  return record<LogSoftmax>(y, {x}, [&](LogSoftmax& rule) {
    rule.y.keep_output(y);
    if (mask.defined()) rule.mask.keep_constant(mask);
    rule.axis = axis;
  });
}

Variable log_softmax_definition(const Variable& x, int axis, const Tensor& mask) {
  const Shifted s = shifted(x, axis, mask);
  const Variable y = s.x - log(s.total);
  return mask.defined() ? where(mask, y, scalar_like(y.value(), -std::numeric_limits<double>::infinity())) : y;
}

}  // namespace heed
