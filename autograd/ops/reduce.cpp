#include "heed/autograd/ops/reduce.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"

namespace heed {
namespace {

// `from` with size 1 along the reduced axes: the shape in which a reduced result broadcasts back.
Shape kept_shape(const Shape& from, const Axes& axes) {
  Shape shape = from;
  for (int axis = 0; axes.empty() && axis < from.rank(); ++axis) shape[axis] = 1;
  for (int axis : axes) shape[normalize_axis("reduce", axis, from.rank())] = 1;
  return shape;
}

struct Sum final : Rule<Sum> {
  static constexpr std::string_view op = "sum";
  Shape from, kept;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {expand(reshape(dy, kept), from)};
  }
};

struct Mean final : Rule<Mean> {
  static constexpr std::string_view op = "mean";
  Shape from, kept;
  double count = 1;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {expand(reshape(dy / count, kept), from)};
  }
};

struct Max final : Rule<Max> {
  static constexpr std::string_view op = "max";
  Saved x{*this}, y{*this};
  Shape kept;
  Axes axes;
  template <class V>
  Grads<V> vjp(const V& dy) {
    const Tensor& input = x.tensor();
    // "Not smaller" rather than "equal": a NaN result equals nothing; as nothing is smaller, all share its gradient.
    const Tensor chosen = logical_not(less(input, reshape(y.tensor(), kept)));
    const Tensor count = sum(to(chosen, input.dtype()), axes, true);
    return {where(chosen, reshape(dy, kept) / V(count), V(scalar_like(input, 0)))};
  }
};

}  // namespace

Variable sum(const Variable& x, const Axes& axes, bool keepdim) {
  return record<Sum>(sum(x.value(), axes, keepdim), {x}, [&](Sum& rule) {
    rule.from = x.shape();
    rule.kept = kept_shape(x.shape(), axes);
  });
}

Variable mean(const Variable& x, const Axes& axes, bool keepdim) {
  return record<Mean>(mean(x.value(), axes, keepdim), {x}, [&](Mean& rule) {
    rule.from = x.shape();
    rule.kept = kept_shape(x.shape(), axes);
    for (int axis = 0; axis < x.rank(); ++axis)
      if (rule.kept[axis] != x.shape()[axis]) rule.count *= static_cast<double>(x.shape()[axis]);
  });
}

Variable max(const Variable& x, const Axes& axes, bool keepdim) {
  const Tensor y = max(x.value(), axes, keepdim);
  return record<Max>(y, {x}, [&](Max& rule) {
    rule.x.keep_input(0, x);
    rule.y.keep_output(y);
    rule.kept = kept_shape(x.shape(), axes);
    rule.axes = axes;
  });
}

Variable sum_to(const Variable& x, const Shape& shape) {
  check_defined("sum_to", "x", x.value());
  if (x.shape() == shape) return x;
  return record<Sum>(sum_to(x.value(), shape), {x}, [&](Sum& rule) {
    rule.from = x.shape();
    rule.kept = shape;
  });
}

}  // namespace heed
