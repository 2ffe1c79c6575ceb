// Element-wise operations as one statement: the value, what the derivative reads besides dy, and the derivative as a
// generic lambda, which is instantiated twice: for numbers, and recorded for gradients of gradients.
//
//   Variable tanh(const Variable& x) {
//     return unary<"tanh", reads::output>(x, tanh(x.value()), [](auto& dy, auto& y) { return dy * (1.0 - y * y); });
//   }
#pragma once

#include <algorithm>

#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"

namespace heed {

/// The tensors a derivative is given besides dy. They, and no others, are saved.
enum class reads : std::uint8_t { nothing = 0, input = 1, output = 2, a = 1, b = 2, both = 3 };

/// A string as a template argument.
template <std::size_t N>
struct Literal {
  constexpr Literal(const char (&from)[N]) { std::copy_n(from, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
  char text[N]{};
};

/// The numbers that a condition in a derivative looks at: it has no gradient itself.
inline const Tensor& number(const Tensor& x) { return x; }
inline const Tensor& number(const Variable& x) { return x.value(); }

namespace detail {

struct NotSaved {
  explicit NotSaved(Node&) {}
};
template <bool needed>
using SavedIf = std::conditional_t<needed, Saved, NotSaved>;

template <Literal name, reads what, class Derivative>
struct UnaryRule final : Rule<UnaryRule<name, what, Derivative>> {
  static constexpr std::string_view op = name.view();
  explicit UnaryRule(const Derivative& d) : derivative(d) {}

  template <class V>
  Grads<V> vjp(const V& dy) {
    if constexpr (what == reads::nothing) {
      return {derivative(dy)};
    } else {
      const V& read = saved.template as<V>();
      return {derivative(dy, read)};
    }
  }

  [[no_unique_address]] Derivative derivative;
  SavedIf<what != reads::nothing> saved{*this};
};

constexpr bool has(reads what, reads one) { return (static_cast<int>(what) & static_cast<int>(one)) != 0; }

template <Literal name, reads da_reads, reads db_reads, class Da, class Db>
struct BinaryRule final : Rule<BinaryRule<name, da_reads, db_reads, Da, Db>> {
  static constexpr std::string_view op = name.view();
  BinaryRule(const Da& to_a, const Db& to_b) : da(to_a), db(to_b) {}

  template <class V>
  Grads<V> vjp(const V& dy) {
    return {this->needs(0) ? apply<da_reads>(da, dy) : V(), this->needs(1) ? apply<db_reads>(db, dy) : V()};
  }

  // Only what a gradient that is needed will read.
  void save(const Variable& left, const Variable& right) {
    const auto read = [&](reads one) {
      return (has(da_reads, one) && this->needs(0)) || (has(db_reads, one) && this->needs(1));
    };
    if constexpr (saves_a)
      if (read(reads::a)) a.keep_input(0, left);
    if constexpr (saves_b)
      if (read(reads::b)) b.keep_input(1, right);
  }

 private:
  static constexpr bool saves_a = has(da_reads, reads::a) || has(db_reads, reads::a);
  static constexpr bool saves_b = has(da_reads, reads::b) || has(db_reads, reads::b);

  template <reads what, class V>
  V apply(const auto& derivative, const V& dy) {
    if constexpr (what == reads::nothing) {
      return derivative(dy);
    } else if constexpr (what == reads::a) {
      const V& left = a.template as<V>();
      return derivative(dy, left);
    } else if constexpr (what == reads::b) {
      const V& right = b.template as<V>();
      return derivative(dy, right);
    } else {
      const V &left = a.template as<V>(), &right = b.template as<V>();
      return derivative(dy, left, right);
    }
  }

  [[no_unique_address]] Da da;
  [[no_unique_address]] Db db;
  SavedIf<saves_a> a{*this};
  SavedIf<saves_b> b{*this};
};

}  // namespace detail

/// y = f(x), with dx = derivative(dy), or derivative(dy, x) when it reads the input, (dy, y) when it reads the output.
template <Literal name, reads what, class Derivative>
Variable unary(const Variable& x, Tensor y, const Derivative& derivative) {
  using R = detail::UnaryRule<name, what, Derivative>;
  if constexpr (what == reads::output)
    return record<R>(y, {x}, [&](R& rule) { rule.saved.keep_output(y); }, derivative);
  else
    return record<R>(
        std::move(y), {x},
        [&](R& rule) {
          if constexpr (what == reads::input) rule.saved.keep_input(0, x);
        },
        derivative);
}

/// The result of `operation(a, b)`, a and b expanded to `shape` where theirs differs: the expansion is recorded before,
/// so that no derivative need mention broadcasting.
template <class Operation>
Variable broadcast_to(const Variable& a, const Variable& b, const Shape& shape, Operation&& operation) {
  if (!(a.shape() == shape)) return broadcast_to(expand(a, shape), b, shape, operation);
  if (!(b.shape() == shape)) return operation(a, expand(b, shape));
  return operation(a, b);
}

/// y = f(a, b) with da = da(dy, …) and db = db(dy, …), each given what it reads of a and b, in this order.
template <Literal name, reads da_reads, reads db_reads, class Da, class Db>
Variable binary(const Variable& a, const Variable& b, Tensor y, const Da& da, const Db& db) {
  using R = detail::BinaryRule<name, da_reads, db_reads, Da, Db>;
  return broadcast_to(a, b, y.shape(), [&](const Variable& left, const Variable& right) {
    return record<R>(std::move(y), {left, right}, [&](R& rule) { rule.save(left, right); }, da, db);
  });
}

}  // namespace heed
