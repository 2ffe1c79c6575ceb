// Layer normalisation of contiguous rows: y = (x - mean)/√(variance + epsilon)·weight + bias, and its gradients.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

/// Of a row: its mean is mean + rest, where `rest` is what rounding took from `mean`; scale = 1/√(variance + epsilon).
template <class T>
struct RowStatistics {
  T mean, rest, scale;
};

template <class T>
struct LayerNormKernels {
  /// Writes y, and returns what backward needs. A null weight stands for ones, a null bias for zeros.
  RowStatistics<T> (*forward)(const T* x, const T* weight, const T* bias, T epsilon, T* y, std::size_t n);

  /// With x̂ = (x - mean)·scale and g = dy∘weight: dx = scale·(g - mean of g - x̂·mean of g∘x̂), dweight += dy∘x̂,
  /// dbias += dy. Null pointers for a weight of ones, and for what is not wanted.
  void (*backward)(const RowStatistics<T>& statistics, const T* x, const T* weight, const T* dy, T* dx, T* dweight,
                   T* dbias, std::size_t n);
};

/// The functions of the instruction set in use.
Tables<LayerNormKernels> layer_norm();

}  // namespace heed::kernels
