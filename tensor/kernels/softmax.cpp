#include "heed/tensor/kernels/softmax.h"

#include <cmath>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/softmax.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/sum_of_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

/// The maximum of what may be seen. With a mask, y becomes x with -inf elsewhere: exp makes an exact 0 of it.
template <class T>
HWY_NOINLINE T masked_max(const T* x, const bool* mask, T* y, std::size_t n) {
  const ScalableTag<T> d;
  if (mask == nullptr) return max_of(d, x, n);
  const auto outside = Set(d, -std::numeric_limits<T>::infinity());
  return max_row(d, n, y, [&](std::size_t i, auto part) HWY_ATTR {
    const auto v = IfThenElse(flags(part, d, mask + i), part.load(d, x + i), outside);
    part.store(v, d, y + i);
    return v;
  });
}

/// Rows whose maximum is not finite, such as one where nothing may be seen: `outside` where the mask is false, else
/// NaN.
template <class T>
void fill_without_maximum(const bool* mask, T outside, T* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = mask == nullptr || mask[i] ? std::numeric_limits<T>::quiet_NaN() : outside;
}

template <class T>
void softmax(const T* x, const bool* mask, T* y, std::size_t n) {
  const ScalableTag<T> d;
  const T max = masked_max(x, mask, y, n);
  if (!std::isfinite(max)) return fill_without_maximum(mask, T{0}, y, n);
  const T* seen = mask == nullptr ? x : y;
  const T sum = sum_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto e = exp(d, Sub(part.load(d, seen + i), Set(d, max)));
    part.store(e, d, y + i);
    return e;
  });
  const auto scale = Set(d, 1 / sum);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { part.store(Mul(part.load(d, y + i), scale), d, y + i); });
}

template <class T>
void backward(const T* y, const T* dy, T* dx, std::size_t n) {
  const ScalableTag<T> d;
  const T dot = sum_light_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto weight = part.load(d, y + i);
    return IfThenZeroElse(Eq(weight, Zero(d)), Mul(weight, part.load(d, dy + i)));  // a NaN weight stays
  });
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto weight = part.load(d, y + i);
    const auto gradient = Mul(weight, Sub(part.load(d, dy + i), Set(d, dot)));
    part.store(IfThenZeroElse(Eq(weight, Zero(d)), gradient), d, dx + i);
  });
}

template <class T>
void log_softmax(const T* x, const bool* mask, T* y, std::size_t n) {
  const ScalableTag<T> d;
  const T max = masked_max(x, mask, y, n);
  if (!std::isfinite(max)) return fill_without_maximum(mask, -std::numeric_limits<T>::infinity(), y, n);
  const T* seen = mask == nullptr ? x : y;
  const auto log_sum = Set(d, log_of(sum_of_exp(seen, max, n)));
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(Sub(Sub(part.load(d, seen + i), Set(d, max)), log_sum), d, y + i);
  });
}

template <class T>
constexpr SoftmaxKernels<T> table{.softmax = softmax<T>, .backward = backward<T>, .log_softmax = log_softmax<T>};

}  // namespace

Tables<SoftmaxKernels> softmax_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(softmax_tables);

Tables<SoftmaxKernels> softmax() { return HWY_DYNAMIC_DISPATCH(softmax_tables)(); }

}  // namespace heed::kernels
#endif
