// The sum below every softmax, and its logarithm.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

/// Σ exp(x[i] - max).
template <class T>
HWY_NOINLINE T sum_of_exp(const T* x, T max, std::size_t n) {
  const ScalableTag<T> d;
  return sum_row(d, n,
                 [&](std::size_t i, auto part) HWY_ATTR { return exp(d, Sub(part.load(d, x + i), Set(d, max))); });
}

template <class T>
HWY_INLINE T log_of(T x) {
  const ScalableTag<T> d;
  return GetLane(log(d, Set(d, x)));
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
