#include "heed/autograd/fused/softmax.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"

namespace heed {
namespace {

struct Softmax final : Rule<Softmax> {
  static constexpr std::string_view op = "softmax";
  Saved y{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    if constexpr (std::is_same_v<V, Tensor>) {
      return {softmax_backward(y.tensor(), dy)};
    } else {
      const V weights = y.as<V>();
      // Where the weight is 0 dy may be anything, NaN included: it must not be multiplied.
      const V seen = where(equal(y.tensor(), scalar_like(y.tensor(), 0)), V(scalar_like(y.tensor(), 0)), dy);
      return {weights * (seen - sum(weights * seen, {-1}, true))};
    }
  }
};

struct LogSoftmax final : Rule<LogSoftmax> {
  static constexpr std::string_view op = "log_softmax";
  Saved y{*this}, allowed{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    if (!allowed.has_value()) return {dy - exp(y.as<V>()) * sum(dy, {-1}, true)};
    const V zero(scalar_like(y.tensor(), 0));
    const V seen = where(allowed.tensor(), dy, zero);
    return {where(allowed.tensor(), seen - exp(y.as<V>()) * sum(seen, {-1}, true), zero)};
  }
};

}  // namespace

Variable softmax(const Variable& x, const Tensor& mask) {
  const Tensor y = softmax(x.value(), mask);
  return record<Softmax>(y, {x}, [&](Softmax& rule) { rule.y.keep_output(y); });
}

Variable log_softmax(const Variable& x, const Tensor& mask) {
  const Tensor y = log_softmax(x.value(), mask);
  return record<LogSoftmax>(y, {x}, [&](LogSoftmax& rule) {
    rule.y.keep_output(y);
    if (mask.defined()) rule.allowed.keep_constant(mask);
  });
}

Variable softmax_definition(const Variable& x, const Tensor& mask) {
  if (!mask.defined()) {
    const Variable e = exp(x - max(x.value(), {-1}, true));
    return e / sum(e, {-1}, true);
  }
  const Tensor zero = scalar_like(x.value(), 0), one = scalar_like(x.value(), 1);
  const Tensor top =
      max(where(mask, x.value(), scalar_like(zero, -std::numeric_limits<double>::infinity())), {-1}, true);
  const Tensor nothing = less(max(where(mask, ones(x.shape(), x.dtype()), zero), {-1}, true), one);
  // exp sees 0 at masked places, so that nothing standing there can reach a gradient; a row with nothing allowed
  // divides by 1.
  const Variable e = where(mask, exp(where(mask, x - where(nothing, zero, top), zero)), zero);
  return where(mask, e / where(nothing, one, sum(e, {-1}, true)), zero);
}

}  // namespace heed
