#include "heed/autograd/ops/elementwise.h"

#include <optional>

#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"

namespace heed {
namespace {

const Tensor& number(const Tensor& x) { return x; }
const Tensor& number(const Variable& x) { return x.value(); }

// `values` where the condition holds, 0 elsewhere.
template <class V>
V masked(const Tensor& condition, const V& values) {
  return where(condition, values, V(scalar_like(number(values), 0)));
}

struct Add final : Rule<Add> {
  static constexpr std::string_view op = "add";
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy, dy};
  }
};

struct Sub final : Rule<Sub> {
  static constexpr std::string_view op = "sub";
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy, needs(1) ? -dy : V()};
  }
};

struct Mul final : Rule<Mul> {
  static constexpr std::string_view op = "mul";
  Saved a{*this}, b{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {needs(0) ? dy * b.as<V>() : V(), needs(1) ? dy * a.as<V>() : V()};
  }
};

struct Div final : Rule<Div> {
  static constexpr std::string_view op = "div";
  Saved a{*this}, b{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    const V share = dy / b.as<V>();
    return {share, needs(1) ? -(share * a.as<V>() / b.as<V>()) : V()};
  }
};

struct Maximum final : Rule<Maximum> {
  static constexpr std::string_view op = "maximum";
  Saved a{*this}, b{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    const V shared = where(equal(a.tensor(), b.tensor()), dy * 0.5, dy);
    return {masked(logical_not(less(a.tensor(), b.tensor())), shared),
            masked(logical_not(less(b.tensor(), a.tensor())), shared)};
  }
};

struct Minimum final : Rule<Minimum> {
  static constexpr std::string_view op = "minimum";
  Saved a{*this}, b{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    const V shared = where(equal(a.tensor(), b.tensor()), dy * 0.5, dy);
    return {masked(logical_not(less(b.tensor(), a.tensor())), shared),
            masked(logical_not(less(a.tensor(), b.tensor())), shared)};
  }
};

struct Neg final : Rule<Neg> {
  static constexpr std::string_view op = "neg";
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {-dy};
  }
};

struct Abs final : Rule<Abs> {
  static constexpr std::string_view op = "abs";
  Saved x{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    const Tensor zero = scalar_like(x.tensor(), 0);
    return {where(less(x.tensor(), zero), -dy, masked(logical_not(equal(x.tensor(), zero)), dy))};
  }
};

struct Sqrt final : Rule<Sqrt> {
  static constexpr std::string_view op = "sqrt";
  Saved y{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy / (y.as<V>() * 2.0)};
  }
};

struct Relu final : Rule<Relu> {
  static constexpr std::string_view op = "relu";
  Saved x{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {masked(logical_not(less_equal(x.tensor(), scalar_like(x.tensor(), 0))), dy)};
  }
};

struct Exp final : Rule<Exp> {
  static constexpr std::string_view op = "exp";
  Saved y{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy * y.as<V>()};
  }
};

struct Log final : Rule<Log> {
  static constexpr std::string_view op = "log";
  Saved x{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy / x.as<V>()};
  }
};

struct Tanh final : Rule<Tanh> {
  static constexpr std::string_view op = "tanh";
  Saved y{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy * (1.0 - y.as<V>() * y.as<V>())};
  }
};

struct Sigmoid final : Rule<Sigmoid> {
  static constexpr std::string_view op = "sigmoid";
  Saved y{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy * (y.as<V>() * (1.0 - y.as<V>()))};
  }
};

struct Where final : Rule<Where> {
  static constexpr std::string_view op = "where";
  Saved condition{*this};
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {needs(0) ? masked(condition.tensor(), dy) : V(),
            needs(1) ? masked(logical_not(condition.tensor()), dy) : V()};
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

// Both operands in their common shape: referred to where they have it, else expanded. The expansion is recorded, and
// takes care of its own gradient.
class Pair {
 public:
  Pair(std::string_view name, const Variable& lhs, const Variable& rhs) : a(lhs), b(rhs) {
    check_defined(name, "lhs", lhs.value());
    check_defined(name, "rhs", rhs.value());
    if (lhs.shape() == rhs.shape()) return;
    const Shape shape = broadcast(name, lhs.shape(), rhs.shape());
    a = expanded_a_.emplace(expand(lhs, shape));
    b = expanded_b_.emplace(expand(rhs, shape));
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  const Tensor& a_value() const { return a.get().value(); }
  const Tensor& b_value() const { return b.get().value(); }

  std::reference_wrapper<const Variable> a, b;

 private:
  std::optional<Variable> expanded_a_, expanded_b_;
};

template <class R>
Variable record_pair(Tensor y, const Pair& pair) {
  return record<R>(std::move(y), {pair.a, pair.b}, [&](R& rule) {
    rule.a.keep_input(0, pair.a);
    rule.b.keep_input(1, pair.b);
  });
}

}  // namespace

Variable add(const Variable& a, const Variable& b) {
  const Pair pair("add", a, b);
  return record<Add>(add(pair.a_value(), pair.b_value()), {pair.a, pair.b});
}

Variable sub(const Variable& a, const Variable& b) {
  const Pair pair("sub", a, b);
  return record<Sub>(sub(pair.a_value(), pair.b_value()), {pair.a, pair.b});
}

Variable mul(const Variable& a, const Variable& b) {
  const Pair pair("mul", a, b);
  return record<Mul>(mul(pair.a_value(), pair.b_value()), {pair.a, pair.b}, [&](Mul& rule) {
    if (rule.needs(1)) rule.a.keep_input(0, pair.a);
    if (rule.needs(0)) rule.b.keep_input(1, pair.b);
  });
}

Variable div(const Variable& a, const Variable& b) {
  const Pair pair("div", a, b);
  return record<Div>(div(pair.a_value(), pair.b_value()), {pair.a, pair.b}, [&](Div& rule) {
    if (rule.needs(1)) rule.a.keep_input(0, pair.a);
    rule.b.keep_input(1, pair.b);
  });
}

Variable maximum(const Variable& a, const Variable& b) {
  const Pair pair("maximum", a, b);
  return record_pair<Maximum>(maximum(pair.a_value(), pair.b_value()), pair);
}

Variable minimum(const Variable& a, const Variable& b) {
  const Pair pair("minimum", a, b);
  return record_pair<Minimum>(minimum(pair.a_value(), pair.b_value()), pair);
}

Variable neg(const Variable& x) { return record<Neg>(neg(x.value()), {x}); }

Variable abs(const Variable& x) {
  return record<Abs>(abs(x.value()), {x}, [&](Abs& rule) { rule.x.keep_input(0, x); });
}

Variable sqrt(const Variable& x) {
  const Tensor y = sqrt(x.value());
  return record<Sqrt>(y, {x}, [&](Sqrt& rule) { rule.y.keep_output(y); });
}

Variable relu(const Variable& x) {
  return record<Relu>(relu(x.value()), {x}, [&](Relu& rule) { rule.x.keep_input(0, x); });
}

Variable exp(const Variable& x) {
  const Tensor y = exp(x.value());
  return record<Exp>(y, {x}, [&](Exp& rule) { rule.y.keep_output(y); });
}

Variable log(const Variable& x) {
  return record<Log>(log(x.value()), {x}, [&](Log& rule) { rule.x.keep_input(0, x); });
}

Variable tanh(const Variable& x) {
  const Tensor y = tanh(x.value());
  return record<Tanh>(y, {x}, [&](Tanh& rule) { rule.y.keep_output(y); });
}

Variable sigmoid(const Variable& x) {
  const Tensor y = sigmoid(x.value());
  return record<Sigmoid>(y, {x}, [&](Sigmoid& rule) { rule.y.keep_output(y); });
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
