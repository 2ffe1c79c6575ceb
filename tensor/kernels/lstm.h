// Gate rows of a long short-term memory cell, for one example; H numbers per gate, in PyTorch's order: input i, forget
// f, cell g, output o.
//   i = sigmoid(a_i)   f = sigmoid(a_f)   g = tanh(a_g)   o = sigmoid(a_o)   c' = f∘c + i∘g   h' = o∘tanh(c')
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct LstmKernels {
  /// gates[0..4H): a in, the gates out; next_c[0..H) = c', h[0..H) = h'.
  void (*forward)(T* gates, const T* c, T* next_c, T* h, std::size_t hidden);

  /// From dh + dy (dy may be null), the gradient of h', and dc, that of c' along the cell: da [4H]; dh becomes 0, dc
  /// the gradient of c.
  void (*backward)(const T* gates, const T* c, const T* next_c, const T* dy, T* dh, T* dc, T* da, std::size_t hidden);
};

/// The functions of the instruction set in use.
Tables<LstmKernels> lstm();

}  // namespace heed::kernels
