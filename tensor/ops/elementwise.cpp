#include "heed/tensor/ops/elementwise.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <optional>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/map_rows.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

using kernels::Binary;
using kernels::Unary;

constexpr std::int64_t grain = light_grain;

Tensor unary(std::string_view name, Unary op, const Tensor& x, std::int64_t chunk) {
  check_defined(name, "x", x);
  return dispatch_float(name, x.dtype(), [&]<class T> {
    Tensor y = empty(x.shape(), x.dtype(), name);
    map_rows<T>(x, y, chunk, [op, row = kernels::elementwise().of<T>().unary](const T* from, T* to, std::size_t n) {
      row(op, from, to, n);
    });
    return y;
  });
}

// Both operands expanded to their common shape; referred to, not copied, where they have it already.
class Pair {
 public:
  Pair(std::string_view name, const Tensor& lhs, const Tensor& rhs) : a(lhs), b(rhs) {
    check_defined(name, "lhs", lhs);
    check_defined(name, "rhs", rhs);
    check_same_dtype(name, lhs.dtype(), rhs.dtype());
    if (lhs.shape() == rhs.shape()) return;
    const Shape shape = broadcast(name, lhs.shape(), rhs.shape());
    a = expanded_a_.emplace(expand(lhs, shape));
    b = expanded_b_.emplace(expand(rhs, shape));
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::reference_wrapper<const Tensor> a, b;

 private:
  std::optional<Tensor> expanded_a_, expanded_b_;
};

template <class T>
void vector_binary(const Pair& pair, Tensor& y, Binary op) {
  map_row_pairs<T, T>(pair.a, pair.b, y, grain,
                      [op, row = kernels::elementwise().of<T>().binary](const T* a, const T* b, T* to, std::size_t n) {
                        row(op, a, b, to, n);
                      });
}

Tensor float_binary(std::string_view name, Binary op, const Tensor& lhs, const Tensor& rhs) {
  const Pair pair(name, lhs, rhs);
  return dispatch_float(name, lhs.dtype(), [&]<class T> {
    Tensor y = empty(pair.a.get().shape(), lhs.dtype(), name);
    vector_binary<T>(pair, y, op);
    return y;
  });
}

// Any dtype; y is T or bool.
template <class T, class Y, class F>
Tensor scalar_binary(std::string_view name, const Pair& pair, F f) {
  Tensor y = empty(pair.a.get().shape(), dtype_of<Y>(), name);
  map_row_pairs<T, Y>(pair.a, pair.b, y, grain, [f](const T* a, const T* b, Y* to, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) to[i] = f(a[i], b[i]);
  });
  return y;
}

// Integers wrap around instead of being undefined.
template <class F>
Tensor arithmetic(std::string_view name, Binary op, const Tensor& lhs, const Tensor& rhs, F wrapping) {
  if (lhs.dtype() != DType::i64) return float_binary(name, op, lhs, rhs);
  return scalar_binary<std::int64_t, std::int64_t>(
      name, Pair(name, lhs, rhs), [wrapping](std::int64_t a, std::int64_t b) {
        return static_cast<std::int64_t>(wrapping(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
      });
}

Tensor extreme(std::string_view name, Binary op, const Tensor& lhs, const Tensor& rhs,
               const std::int64_t& (*pick)(const std::int64_t&, const std::int64_t&)) {
  if (lhs.dtype() != DType::i64) return float_binary(name, op, lhs, rhs);
  return scalar_binary<std::int64_t, std::int64_t>(name, Pair(name, lhs, rhs), pick);
}

// Of i64: 0 - x and what follows from it, wrapping around at the smallest number.
template <class F>
Tensor integer_unary(std::string_view name, const Tensor& x, F f) {
  Tensor y = empty(x.shape(), DType::i64, name);
  map_rows<std::int64_t>(x, y, grain, [f](const std::int64_t* from, std::int64_t* to, std::size_t n) {
    std::transform(from, from + n, to, f);
  });
  return y;
}

std::int64_t negated(std::int64_t x) { return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(x)); }

template <class F>
Tensor compare(std::string_view name, const Tensor& lhs, const Tensor& rhs, F f) {
  const Pair pair(name, lhs, rhs);
  return dispatch(lhs.dtype(), [&]<class T> { return scalar_binary<T, bool>(name, pair, f); });
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) { return arithmetic("add", Binary::add, a, b, std::plus<>()); }
Tensor sub(const Tensor& a, const Tensor& b) { return arithmetic("sub", Binary::sub, a, b, std::minus<>()); }
Tensor mul(const Tensor& a, const Tensor& b) { return arithmetic("mul", Binary::mul, a, b, std::multiplies<>()); }
Tensor div(const Tensor& a, const Tensor& b) { return float_binary("div", Binary::div, a, b); }
Tensor maximum(const Tensor& a, const Tensor& b) {
  return extreme("maximum", Binary::maximum, a, b, std::max<std::int64_t>);
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return extreme("minimum", Binary::minimum, a, b, std::min<std::int64_t>);
}

Tensor neg(const Tensor& x) {
  return x.dtype() == DType::i64 ? integer_unary("neg", x, negated) : unary("neg", Unary::neg, x, grain);
}
Tensor abs(const Tensor& x) {
  if (x.dtype() != DType::i64) return unary("abs", Unary::abs, x, grain);
  return integer_unary("abs", x, [](std::int64_t element) { return element < 0 ? negated(element) : element; });
}
Tensor sqrt(const Tensor& x) { return unary("sqrt", Unary::sqrt, x, grain); }
Tensor relu(const Tensor& x) { return unary("relu", Unary::relu, x, grain); }
Tensor exp(const Tensor& x) { return unary("exp", Unary::exp, x, heavy_grain); }
Tensor log(const Tensor& x) { return unary("log", Unary::log, x, heavy_grain); }
Tensor tanh(const Tensor& x) { return unary("tanh", Unary::tanh, x, heavy_grain); }
Tensor sigmoid(const Tensor& x) { return unary("sigmoid", Unary::sigmoid, x, heavy_grain); }

Tensor equal(const Tensor& a, const Tensor& b) { return compare("equal", a, b, std::equal_to<>()); }
Tensor less(const Tensor& a, const Tensor& b) { return compare("less", a, b, std::less<>()); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return compare("less_equal", a, b, std::less_equal<>()); }

Tensor logical_and(const Tensor& a, const Tensor& b) {
  check_defined("logical_and", "lhs", a);
  if (a.dtype() != DType::boolean) throw_dtype("logical_and", a.dtype(), "bool");
  return scalar_binary<bool, bool>("logical_and", Pair("logical_and", a, b), std::logical_and<>());
}

Tensor logical_not(const Tensor& x) {
  check_defined("logical_not", "x", x);
  if (x.dtype() != DType::boolean) throw_dtype("logical_not", x.dtype(), "bool");
  return equal(x, zeros({}, DType::boolean));
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  check_defined("where", "condition", condition);
  check_defined("where", "a", a);
  check_defined("where", "b", b);
  if (condition.dtype() != DType::boolean) throw_dtype("where: condition", condition.dtype(), "bool");
  check_same_dtype("where", a.dtype(), b.dtype());
  const Shape shape = broadcast("where", condition.shape(), broadcast("where", a.shape(), b.shape()));
  const Tensor choice = expand(condition, shape), yes = expand(a, shape), no = expand(b, shape);
  Tensor y = empty(shape, a.dtype(), "where");
  const Rows<4> rows(shape, {y.strides(), choice.strides(), yes.strides(), no.strides()});
  dispatch(a.dtype(), [&]<class T> {
    T* to = y.mutable_data<T>();
    const bool* chosen = choice.data<bool>();
    const T *left = yes.data<T>(), *right = no.data<T>();
    const std::int64_t choice_step = rows.stride(1), left_step = rows.stride(2), right_step = rows.stride(3);
    parallel_chunks(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
      rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
        const bool* c = chosen + offset[1];
        const T *l = left + offset[2], *r = right + offset[3];
        T* row = to + offset[0];
        if (choice_step != 0) {
          for (std::int64_t i = 0; i < n; ++i) row[i] = c[i * choice_step] ? l[i * left_step] : r[i * right_step];
          return;
        }
        const T* side = *c ? l : r;  // one choice for the row: a mask over examples
        const std::int64_t step = *c ? left_step : right_step;
        if (step == 1)
          std::copy_n(side, n, row);
        else
          for (std::int64_t i = 0; i < n; ++i) row[i] = side[i * step];
      });
    });
  });
  return y;
}

Tensor to(const Tensor& x, DType dtype) {
  check_defined("to", "x", x);
  if (x.dtype() == dtype) return x;
  Tensor y = empty(x.shape(), dtype, "to");
  copy_from(y, x);
  return y;
}

Tensor scalar_like(const Tensor& x, Scalar value) {
  check_defined("like", "x", x);
  return detail::beside(x, value);
}

Tensor detail::beside(const Tensor& x, Scalar value) {
  if (!is_float(x.dtype()) && !value.is_integer())
    throw DTypeError(fmt::format("like: {} is not of dtype {}", value.str(), name(x.dtype())));
  return full({}, value, x.dtype());
}

}  // namespace heed
