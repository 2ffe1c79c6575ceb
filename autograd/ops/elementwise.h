// Element-wise functions of tensor/ops/elementwise.h, recorded. Formulas, shapes, dtypes and errors are the same; below
// each stands its derivative. Broadcasting is an operation of its own (expand), so no rule mentions it.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed {

Variable add(const Variable& a, const Variable& b);  ///< da = dy, db = dy
Variable sub(const Variable& a, const Variable& b);  ///< da = dy, db = -dy
Variable mul(const Variable& a, const Variable& b);  ///< da = dy∘b, db = dy∘a; saves a, b
Variable div(const Variable& a, const Variable& b);  ///< da = dy/b, db = -dy∘a/b²; saves a, b

/// The gradient goes to the larger (smaller) one, half to each where they are equal; saves a, b.
Variable maximum(const Variable& a, const Variable& b);
Variable minimum(const Variable& a, const Variable& b);

Variable identity(const Variable& x);  ///< y = x as a new node, where a traversal can stop; dx = dy
Variable neg(const Variable& x);       ///< dx = -dy
Variable abs(const Variable& x);       ///< dx = ±dy, 0 at 0; saves x
Variable sqrt(const Variable& x);      ///< dx = dy/2y; saves y
Variable relu(const Variable& x);      ///< dx = dy where x > 0 (or NaN), else 0; saves x
Variable exp(const Variable& x);       ///< dx = dy∘y; saves y
Variable log(const Variable& x);       ///< dx = dy/x; saves x
Variable tanh(const Variable& x);      ///< dx = dy∘(1 - y²); saves y
Variable sigmoid(const Variable& x);   ///< dx = dy∘y∘(1 - y); saves y

/// da = dy where the condition holds, else 0; db the other way round; saves the condition.
Variable where(const Tensor& condition, const Variable& a, const Variable& b);

/// dx = dy as x's dtype.
Variable to(const Variable& x, DType dtype);

inline Variable operator+(const Variable& a, const Variable& b) { return add(a, b); }
inline Variable operator-(const Variable& a, const Variable& b) { return sub(a, b); }
inline Variable operator*(const Variable& a, const Variable& b) { return mul(a, b); }
inline Variable operator/(const Variable& a, const Variable& b) { return div(a, b); }
inline Variable operator-(const Variable& x) { return neg(x); }
inline Variable operator+(const Variable& x, Scalar value) { return add(x, detail::beside(x.value(), value)); }
inline Variable operator-(const Variable& x, Scalar value) { return sub(x, detail::beside(x.value(), value)); }
inline Variable operator*(const Variable& x, Scalar value) { return mul(x, detail::beside(x.value(), value)); }
inline Variable operator/(const Variable& x, Scalar value) { return div(x, detail::beside(x.value(), value)); }
inline Variable operator+(Scalar value, const Variable& x) { return add(detail::beside(x.value(), value), x); }
inline Variable operator-(Scalar value, const Variable& x) { return sub(detail::beside(x.value(), value), x); }
inline Variable operator*(Scalar value, const Variable& x) { return mul(detail::beside(x.value(), value), x); }
inline Variable operator/(Scalar value, const Variable& x) { return div(detail::beside(x.value(), value), x); }
inline Variable maximum(const Variable& x, Scalar value) { return maximum(x, detail::beside(x.value(), value)); }
inline Variable maximum(Scalar value, const Variable& x) { return maximum(detail::beside(x.value(), value), x); }
inline Variable minimum(const Variable& x, Scalar value) { return minimum(x, detail::beside(x.value(), value)); }
inline Variable minimum(Scalar value, const Variable& x) { return minimum(detail::beside(x.value(), value), x); }
inline Variable where(const Tensor& condition, const Variable& a, Scalar b) {
  return where(condition, a, detail::beside(a.value(), b));
}
inline Variable where(const Tensor& condition, Scalar a, const Variable& b) {
  return where(condition, detail::beside(b.value(), a), b);
}

// Comparisons have no gradient: they give a Tensor of bool.
inline Tensor operator<(const Variable& a, const Variable& b) { return a.value() < b.value(); }
inline Tensor operator<=(const Variable& a, const Variable& b) { return a.value() <= b.value(); }
inline Tensor operator>(const Variable& a, const Variable& b) { return a.value() > b.value(); }
inline Tensor operator>=(const Variable& a, const Variable& b) { return a.value() >= b.value(); }
inline Tensor operator<(const Variable& x, Scalar value) { return x.value() < value; }
inline Tensor operator<(Scalar value, const Variable& x) { return value < x.value(); }
inline Tensor operator<=(const Variable& x, Scalar value) { return x.value() <= value; }
inline Tensor operator<=(Scalar value, const Variable& x) { return value <= x.value(); }
inline Tensor operator>(const Variable& x, Scalar value) { return x.value() > value; }
inline Tensor operator>(Scalar value, const Variable& x) { return value > x.value(); }
inline Tensor operator>=(const Variable& x, Scalar value) { return x.value() >= value; }
inline Tensor operator>=(Scalar value, const Variable& x) { return value >= x.value(); }

}  // namespace heed
