// Activation functions over contiguous rows, y[i] = f(x[i]); in place too. What elementwise.h says of its rows holds of
// these.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

enum class Activation { erf, leaky_relu, elu, gelu, gelu_tanh, silu, softplus };

/// Functions whose derivative is one expression of `at`: of the result for tanh and sigmoid, else of the argument.
enum class Slope { relu, leaky_relu, tanh, sigmoid, gelu, gelu_tanh, silu, softplus };

template <class T>
struct ActivationKernels {
  /// y[i] = f(x[i]) as tensor/ops/activation.h says; `parameter` is leaky_relu's slope, elu's alpha, else ignored.
  void (*apply)(Activation f, T parameter, const T* x, T* y, std::size_t n);

  /// dx[i] = dy[i]·f'(at[i]), to the bit what autograd/ops/ spells out in operations of their own; `parameter` is
  /// leaky_relu's slope, else ignored.
  void (*times_slope)(Slope f, T parameter, const T* dy, const T* at, T* dx, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<ActivationKernels> activation();

}  // namespace heed::kernels
