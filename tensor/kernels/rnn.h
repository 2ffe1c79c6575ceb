// A simple (Elman) recurrent cell's row, for one example with H numbers: h' = f(a), f = tanh or relu.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct RnnKernels {
  /// h[0..H) = f(a).
  void (*forward)(const T* a, T* h, std::size_t hidden);

  /// From dh + dy (dy may be null), the gradient of h: da [H]; dh becomes 0.
  void (*backward)(const T* h, const T* dy, T* dh, T* da, std::size_t hidden);
};

/// The functions of the instruction set in use.
Tables<RnnKernels> rnn_tanh();
Tables<RnnKernels> rnn_relu();

}  // namespace heed::kernels
