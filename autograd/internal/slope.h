// A derivative in one pass beside its definition. Not part of the public interface.
#pragma once

#include "heed/autograd/pointwise.h"
#include "heed/tensor/internal/times_slope.h"

namespace heed {

/// A derivative for unary() (autograd/pointwise.h): of numbers dy∘f'(at) in one pass, recorded definition(dy, at),
/// whose numbers have the same bits (tests/autograd/ops/slopes.cpp).
template <class Definition>
auto slope(std::string_view name, kernels::Slope f, const Definition& definition, double parameter = 0) {
  return [=]<class V>(V& dy, V& at) -> std::remove_const_t<V> {
    if constexpr (std::same_as<std::remove_const_t<V>, Tensor>)
      return times_slope(name, f, dy, at, parameter);
    else
      return definition(dy, at);
  };
}

}  // namespace heed
