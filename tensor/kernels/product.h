// The product of two matrices of any strides. Its bits follow from the numbers alone: element [i, j] is
//   beta·c[i, j] + s0 + s1 + …,  s_q = Σ a[i, p]·b[p, j] over the q-th product_block_k values of p,
// where each s_q is one chain of fused multiply-adds in the order of p that begins at 0 (s0 is added to beta·c[i, j] by
// another), and the s_q are added one after the other. So it is under every instruction set that has fused
// multiply-add (all but SSE4 and SCALAR), for every cut into rows and columns, every layout, packed before or not.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

inline constexpr std::size_t product_block_k = 384;

/// Element [i, j] stands at data + i·row + j·column.
template <class T>
struct StridedMatrix {
  const T* data;
  std::ptrdiff_t row, column;

  StridedMatrix at(std::size_t i, std::size_t j) const {
    return {data + static_cast<std::ptrdiff_t>(i) * row + static_cast<std::ptrdiff_t>(j) * column, row, column};
  }
};

template <class T>
struct ProductKernels {
  /// c [m, n] = a [m, k] · b [k, n] + beta·c, where row i of c begins at c + i·c_row, for k >= 1. With beta 0, c is not
  /// read. `workspace`: so many numbers, aligned to 64 bytes (may be null for 0).
  void (*product)(std::size_t m, std::size_t n, std::size_t k, const StridedMatrix<T>& a, StridedMatrix<T> b, T beta,
                  T* c, std::ptrdiff_t c_row, T* workspace);
  std::size_t (*workspace)(std::size_t m, std::size_t n, std::size_t k, const StridedMatrix<T>& a, StridedMatrix<T> b);

  /// b [k, n] in the order in which `packed_product` reads it: `packed_size` numbers, aligned to 64 bytes. They are to
  /// be read by the same table. Panels of `panel_columns` columns can be packed apart, by several threads.
  std::size_t panel_columns;
  std::size_t (*packed_size)(std::size_t k, std::size_t n);
  void (*pack)(std::size_t k, std::size_t n, const StridedMatrix<T>& b, std::size_t first_panel, std::size_t end_panel,
               T* packed);

  /// The same product for the columns [first_column, first_column + columns) of b [k, n]; first_column begins a panel,
  /// c points at the first of these columns.
  void (*packed_product)(std::size_t m, std::size_t n, std::size_t k, const StridedMatrix<T>& a, const T* packed,
                         std::size_t first_column, std::size_t columns, T beta, T* c, std::ptrdiff_t c_row,
                         T* workspace);
  std::size_t (*packed_workspace)(std::size_t m, std::size_t columns, std::size_t k, const StridedMatrix<T>& a);
};

/// The functions of the instruction set in use.
Tables<ProductKernels> product();

}  // namespace heed::kernels
