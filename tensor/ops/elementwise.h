// Element-wise functions: every element of the result depends on the same element of the operands.
//
// Binary functions broadcast: shapes are compared from the last axis, size 1 stretches. Both operands have one dtype;
// results are row-major and have it too (comparisons: bool). Errors: ShapeError when shapes do not broadcast,
// DTypeError for mixed dtypes or a dtype the function does not take. NaN is passed on.
#pragma once

#include "heed/tensor/scalar.h"
#include "heed/tensor/tensor.h"

namespace heed {

Tensor add(const Tensor& a, const Tensor& b);  ///< a + b: f32, f64, i64
Tensor sub(const Tensor& a, const Tensor& b);  ///< a - b: f32, f64, i64
Tensor mul(const Tensor& a, const Tensor& b);  ///< a · b: f32, f64, i64
Tensor div(const Tensor& a, const Tensor& b);  ///< a / b: f32, f64

Tensor maximum(const Tensor& a, const Tensor& b);  ///< the larger; NaN if either is: f32, f64, i64
Tensor minimum(const Tensor& a, const Tensor& b);  ///< the smaller; NaN if either is: f32, f64, i64

Tensor neg(const Tensor& x);      ///< -x: f32, f64, i64
Tensor abs(const Tensor& x);      ///< |x|: f32, f64, i64
Tensor sqrt(const Tensor& x);     ///< √x, NaN below 0: f32, f64
Tensor relu(const Tensor& x);     ///< max(x, 0): f32, f64
Tensor exp(const Tensor& x);      ///< e^x: f32, f64
Tensor log(const Tensor& x);      ///< ln x, -inf at 0, NaN below: f32, f64
Tensor tanh(const Tensor& x);     ///< f32, f64
Tensor sigmoid(const Tensor& x);  ///< 1 / (1 + e^-x): f32, f64

Tensor equal(const Tensor& a, const Tensor& b);        ///< a == b, any dtype
Tensor less(const Tensor& a, const Tensor& b);         ///< a < b, any dtype
Tensor less_equal(const Tensor& a, const Tensor& b);   ///< a <= b, any dtype
Tensor logical_and(const Tensor& a, const Tensor& b);  ///< bool
Tensor logical_not(const Tensor& x);                   ///< bool

/// condition ? a : b, element by element; `condition` is bool, all three broadcast. The side not chosen is not read
/// into the result, so a NaN there does no harm.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

/// The same numbers as another dtype, as convert() (tensor/dtype.h) gives them.
Tensor to(const Tensor& x, DType dtype);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }

inline Tensor operator<(const Tensor& a, const Tensor& b) { return less(a, b); }
inline Tensor operator<=(const Tensor& a, const Tensor& b) { return less_equal(a, b); }
inline Tensor operator>(const Tensor& a, const Tensor& b) { return less(b, a); }
inline Tensor operator>=(const Tensor& a, const Tensor& b) { return less_equal(b, a); }

/// A number as a 0-d tensor of x's dtype, so that it broadcasts: x * scalar_like(x, 0.5). DTypeError where x's
/// dtype is an integer and value is not, and where x is undefined.
Tensor scalar_like(const Tensor& x, Scalar value);
namespace detail {
/// scalar_like(x, value) for an operation that refuses an undefined x itself, by its own name.
Tensor beside(const Tensor& x, Scalar value);
}  // namespace detail
inline Tensor operator+(const Tensor& x, Scalar value) { return add(x, detail::beside(x, value)); }
inline Tensor operator-(const Tensor& x, Scalar value) { return sub(x, detail::beside(x, value)); }
inline Tensor operator*(const Tensor& x, Scalar value) { return mul(x, detail::beside(x, value)); }
inline Tensor operator/(const Tensor& x, Scalar value) { return div(x, detail::beside(x, value)); }
inline Tensor operator+(Scalar value, const Tensor& x) { return add(detail::beside(x, value), x); }
inline Tensor operator-(Scalar value, const Tensor& x) { return sub(detail::beside(x, value), x); }
inline Tensor operator*(Scalar value, const Tensor& x) { return mul(detail::beside(x, value), x); }
inline Tensor operator/(Scalar value, const Tensor& x) { return div(detail::beside(x, value), x); }
inline Tensor operator<(const Tensor& x, Scalar value) { return less(x, detail::beside(x, value)); }
inline Tensor operator<=(const Tensor& x, Scalar value) { return less_equal(x, detail::beside(x, value)); }
inline Tensor operator>(const Tensor& x, Scalar value) { return less(detail::beside(x, value), x); }
inline Tensor operator>=(const Tensor& x, Scalar value) { return less_equal(detail::beside(x, value), x); }
inline Tensor operator<(Scalar value, const Tensor& x) { return x > value; }
inline Tensor operator<=(Scalar value, const Tensor& x) { return x >= value; }
inline Tensor operator>(Scalar value, const Tensor& x) { return x < value; }
inline Tensor operator>=(Scalar value, const Tensor& x) { return x <= value; }
inline Tensor equal(const Tensor& x, Scalar value) { return equal(x, detail::beside(x, value)); }
inline Tensor less(const Tensor& x, Scalar value) { return x < value; }
inline Tensor less_equal(const Tensor& x, Scalar value) { return x <= value; }
inline Tensor maximum(const Tensor& x, Scalar value) { return maximum(x, detail::beside(x, value)); }
inline Tensor maximum(Scalar value, const Tensor& x) { return maximum(detail::beside(x, value), x); }
inline Tensor minimum(const Tensor& x, Scalar value) { return minimum(x, detail::beside(x, value)); }
inline Tensor minimum(Scalar value, const Tensor& x) { return minimum(detail::beside(x, value), x); }
inline Tensor where(const Tensor& condition, const Tensor& a, Scalar b) {
  return where(condition, a, detail::beside(a, b));
}
inline Tensor where(const Tensor& condition, Scalar a, const Tensor& b) {
  return where(condition, detail::beside(b, a), b);
}

}  // namespace heed
