// The one place that decides who computes a matrix product: matmul, linear, add_matmul, their gradients, batches. A
// PackedMatrix (internal/packed_matrix.h) is multiplied by heed's kernel always.
// Not part of the public interface.
//
// Who computes a product [m, k]·[k, n] follows from its sizes alone:
//   one row or one column    heed's kernels/vector_product: gemm would first repack the matrix, and the bits of BLAS's
//                            gemv vary with strides and with where the numbers begin
//   m, n >= 256 and k > 384  BLAS, unless reproducible() (tensor/runtime.h)
//   all others               heed's kernels/product
// Measured against single calls to OpenBLAS (Zen 3, AVX2, one thread; numbers: docs/choices/products.md): heed's kernel
// is ahead by 1.2 to 1.5 times up to 64³, by 1.1 to 1.6 with 2 to 64 rows, by a few per cent up to 384³, and level from
// there on. The more blocks of 384 k it needs, the more often a large result passes through memory: these products are
// left to BLAS, which on a Zen 5 was up to an eighth faster there than a prototype; on a Sapphire Rapids it is not.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// y = a·b + beta·y for stacks of matrices, a [.., m, k], b [.., k, n] of any strides, y [.., m, n] row-major and not
/// empty, k >= 1. The leading axes of a and b broadcast to those of y. With beta 0, y is not read. y overlaps neither.
/// MemoryError naming `operation`, before anything is changed.
template <class T>
void multiply(const char* operation, const Tensor& a, const Tensor& b, T beta, Tensor& y);

}  // namespace heed
