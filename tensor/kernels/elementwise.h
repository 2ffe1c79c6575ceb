// Element-wise rows: y[i] = f(x[i]) and y[i] = f(a[i], b[i]) over contiguous numbers, with the widest vectors the CPU
// has. A row's result depends on its numbers only, never on its length, alignment or neighbours: every element goes
// through the same vector code, so strided callers may stage their data in pieces and get the same bits.
// `y` may be the same row as an input, but must not overlap one otherwise. NaN in, NaN out.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

enum class Unary { neg, abs, sqrt, relu, exp, log, tanh, sigmoid };
enum class Binary { add, sub, mul, div, maximum, minimum };

template <class T>
struct ElementwiseKernels {
  /// y[i] = op(x[i]). relu(x) = max(x, 0); sigmoid(x) = 1 / (1 + exp(-x)).
  void (*unary)(Unary op, const T* x, T* y, std::size_t n);

  /// y[i] = op(a[i], b[i]). maximum and minimum give NaN when either is NaN.
  void (*binary)(Binary op, const T* a, const T* b, T* y, std::size_t n);

  /// y[i] += factor * x[i], rounded twice (no fused multiply-add), so that it equals y + factor * x spelled out.
  void (*add_scaled)(T factor, const T* x, T* y, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<ElementwiseKernels> elementwise();

}  // namespace heed::kernels
