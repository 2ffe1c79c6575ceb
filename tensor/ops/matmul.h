// Matrix products of f32 and f64, computed by heed's own kernels or, when large, by BLAS.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// y = a·b over the last two axes: a [.., m, k], b [.., k, n] -> y [.., m, n]; leading axes broadcast. A vector on the
/// left is one row [k], on the right one column [k], and that axis is missing from y; two vectors give a 0-d tensor.
/// Any strides: a is copied when its leading axes cannot be merged into the rows for a b of rank 2, and what BLAS or a
/// single row or column needs contiguous is copied too. k = 0 gives zeros. The products that go to BLAS are those with
/// m, n >= 256 and k > 384, none when reproducible() (tensor/runtime.h).
/// Bits never depend on the number of threads, nor on the strides of an operand (steps, negative, zero, padded rows),
/// nor on where in memory it begins; they may on whether a matrix lies in memory by rows or by columns: where the other
/// operand is a single row or column, and where BLAS multiplies. ShapeError for rank 0, unequal k or leading axes that do not broadcast; DTypeError for mixed
/// or non-float dtypes.
Tensor matmul(const Tensor& a, const Tensor& b);

/// y += a·b in place: a [.., m, k], b [.., k, n], y [.., m, n] contiguous; the leading axes of a and b broadcast to those
/// of y. Errors as above, and ShapeError when y is not contiguous. Where y overlaps a or b, their elements are those
/// from before the call.
void add_matmul(Tensor& y, const Tensor& a, const Tensor& b);

/// y = x·wᵀ + bias: x [.., in], weight [out, in], bias [out] or undefined -> y [.., out]. PyTorch's layout. Errors as
/// above.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);
inline Tensor linear(const Tensor& x, const Tensor& weight) { return linear(x, weight, Tensor()); }

}  // namespace heed
