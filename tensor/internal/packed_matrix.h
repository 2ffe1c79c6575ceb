// PackedMatrix: a matrix in the order in which products read it, for a weight that is used many times.
// Not part of the public interface.
#pragma once

#include <variant>

#include "heed/tensor/kernels/product.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// A copy of b [k, n], f32 or f64, of any strides (mT of a weight [out, in]). Later changes of b do not reach it.
/// Packing takes as long as a product with six or seven rows.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// MemoryError naming `operation`; ShapeError unless b has rank 2; DTypeError unless f32 or f64.
  PackedMatrix(const char* operation, const Tensor& b);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  DType dtype() const { return numbers_.dtype(); }

 private:
  template <class T>
  friend void multiply(const char*, const Tensor&, const PackedMatrix&, T, Tensor&);

  std::int64_t rows_ = 0, columns_ = 0;
  Tensor numbers_;
  // Of the instruction set that packed it.
  std::variant<const kernels::ProductKernels<float>*, const kernels::ProductKernels<double>*> kernel_;
};

/// y = a·b + beta·y: a [m, k] of any strides, y [m, n] with contiguous rows (a time of many: select(all, 1,
/// t)), all of dtype T. The bits are those that
/// internal/product.h gives for a b that is not packed and heed's own kernel, here for one row or column too. With beta
/// 0, y is not read. y does not overlap a. MemoryError naming `operation`, before anything is changed.
template <class T>
void multiply(const char* operation, const Tensor& a, const PackedMatrix& b, T beta, Tensor& y);

}  // namespace heed
