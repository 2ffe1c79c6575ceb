#include "heed/autograd/ops/elementwise.h"

#include "heed/autograd/internal/slope.h"
#include "heed/autograd/ops/movement.h"

namespace heed {
namespace {

using kernels::Slope;

struct Div final : Rule<Div> {  // da = dy/b, of which db = -da∘a/b makes use
  static constexpr std::string_view op = "div";
  Saved a{*this}, b{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    const V da = dy / b.as<V>();
    return {da, needs(1) ? -(da * a.as<V>() / b.as<V>()) : V()};
  }
};

template <Literal name>
struct Larger final : Rule<Larger<name>> {  // of two; equal ones share the gradient
  static constexpr std::string_view op = name.view();
  Saved a{*this}, b{*this};
  bool smaller = false;  // instead
  template <class V>
  Grads<V> vjp(const V& dy) {
    // a gets nothing where it is the lesser one of two for maximum, the greater one for minimum.
    const Tensor &x = (smaller ? b : a).tensor(), &y = (smaller ? a : b).tensor();
    const V shared = where(equal(x, y), dy * 0.5, dy);
    return {where(less(x, y), 0, shared), where(less(y, x), 0, shared)};
  }
};

template <Literal name>
Variable larger(const Variable& a, const Variable& b, const Tensor& y, bool smaller) {
  return broadcast_to(a, b, y.shape(), [&](const Variable& x, const Variable& z) {
    return record<Larger<name>>(y, {x, z}, [&](Larger<name>& rule) {
      rule.a.keep_input(0, x);
      rule.b.keep_input(1, z);
      rule.smaller = smaller;
    });
  });
}

struct Where final : Rule<Where> {
  static constexpr std::string_view op = "where";
  Saved condition{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {needs(0) ? where(condition.tensor(), dy, 0) : V(), needs(1) ? where(condition.tensor(), 0, dy) : V()};
  }
};

struct To final : Rule<To> {
  static constexpr std::string_view op = "to";
  DType from{};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {to(dy, from)};
  }
};

}  // namespace

Variable add(const Variable& a, const Variable& b) {
  const auto same = [](auto& dy) { return dy; };
  return binary<"add", reads::nothing, reads::nothing>(a, b, add(a.value(), b.value()), same, same);
}

Variable sub(const Variable& a, const Variable& b) {
  return binary<"sub", reads::nothing, reads::nothing>(
      a, b, sub(a.value(), b.value()), [](auto& dy) { return dy; }, [](auto& dy) { return -dy; });
}

Variable mul(const Variable& a, const Variable& b) {
  return binary<"mul", reads::b, reads::a>(
      a, b, mul(a.value(), b.value()), [](auto& dy, auto& other) { return dy * other; },
      [](auto& dy, auto& other) { return dy * other; });
}

Variable div(const Variable& a, const Variable& b) {
  const Tensor y = div(a.value(), b.value());
  return broadcast_to(a, b, y.shape(), [&](const Variable& x, const Variable& z) {
    return record<Div>(y, {x, z}, [&](Div& rule) {
      if (rule.needs(1)) rule.a.keep_input(0, x);
      rule.b.keep_input(1, z);
    });
  });
}

Variable maximum(const Variable& a, const Variable& b) {
  return larger<"maximum">(a, b, maximum(a.value(), b.value()), false);
}

Variable minimum(const Variable& a, const Variable& b) {
  return larger<"minimum">(a, b, minimum(a.value(), b.value()), true);
}

Variable identity(const Variable& x) {
  return unary<"identity", reads::nothing>(x, x.value(), [](auto& dy) { return dy; });
}

Variable neg(const Variable& x) {
  return unary<"neg", reads::nothing>(x, neg(x.value()), [](auto& dy) { return -dy; });
}

Variable abs(const Variable& x) {
  return unary<"abs", reads::input>(x, abs(x.value()), [](auto& dy, auto& at) {
    return where(number(at) < 0, -dy, where(equal(number(at), scalar_like(number(at), 0)), 0, dy));
  });
}

Variable sqrt(const Variable& x) {
  return unary<"sqrt", reads::output>(x, sqrt(x.value()), [](auto& dy, auto& y) { return dy / (y * 2.0); });
}

Variable relu(const Variable& x) {
  return unary<"relu", reads::input>(
      x, relu(x.value()), slope("relu", Slope::relu, [](auto& dy, auto& at) { return where(number(at) <= 0, 0, dy); }));
}

Variable exp(const Variable& x) {
  return unary<"exp", reads::output>(x, exp(x.value()), [](auto& dy, auto& y) { return dy * y; });
}

Variable log(const Variable& x) {
  return unary<"log", reads::input>(x, log(x.value()), [](auto& dy, auto& at) { return dy / at; });
}

Variable tanh(const Variable& x) {
  return unary<"tanh", reads::output>(x, tanh(x.value()),
                                      slope("tanh", Slope::tanh, [](auto& dy, auto& y) { return dy * (1.0 - y * y); }));
}

Variable sigmoid(const Variable& x) {
  return unary<"sigmoid", reads::output>(
      x, sigmoid(x.value()), slope("sigmoid", Slope::sigmoid, [](auto& dy, auto& y) { return dy * (y * (1.0 - y)); }));
}

Variable where(const Tensor& condition, const Variable& a, const Variable& b) {
  check_defined("where", "condition", condition);
  check_defined("where", "a", a.value());
  check_defined("where", "b", b.value());
  const Shape shape = broadcast("where", condition.shape(), broadcast("where", a.shape(), b.shape()));
  const Variable yes = expand(a, shape), no = expand(b, shape);
  return record<Where>(where(condition, yes.value(), no.value()), {yes, no},
                       [&](Where& rule) { rule.condition.keep_constant(condition); });
}

Variable to(const Variable& x, DType dtype) {
  const Tensor y = to(x.value(), dtype);
  if (x.dtype() == dtype) return x;
  if (!is_float(dtype)) return y;  // integers carry no gradient
  return record<To>(y, {x}, [&](To& rule) { rule.from = x.dtype(); });
}

}  // namespace heed
