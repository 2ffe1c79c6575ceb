// One pass of the Adam update over contiguous numbers.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

/// The scalars of one step t (counted from 1), worked out once in double by the caller.
struct AdamStep {
  double beta1, beta2;
  double step_size;        ///< learning rate / (1 - beta1^t)
  double root_correction;  ///< sqrt(1 - beta2^t)
  double epsilon;
};

template <class T>
struct AdamKernels {
  /// m = beta1·m + (1 - beta1)·g;  v = beta2·v + (1 - beta2)·g²;  x -= step_size · m / (sqrt(v) / root_correction +
  /// epsilon). Kingma and Ba, 2015, in the order of operations PyTorch uses.
  void (*update)(const AdamStep& step, const T* gradient, T* m, T* v, T* x, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<AdamKernels> adam();

}  // namespace heed::kernels
