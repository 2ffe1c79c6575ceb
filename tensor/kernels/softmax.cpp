#include "heed/tensor/kernels/softmax.h"

#include <cmath>
#include <type_traits>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/softmax.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

/// The lanes whose flag is set.
template <class D>
HWY_INLINE Mask<D> flags(Whole, D d, const bool* allowed) {
  const Rebind<std::uint32_t, D> d32;
  const RebindToUnsigned<D> du;
  const auto words = PromoteTo(d32, LoadU(Rebind<std::uint8_t, D>(), reinterpret_cast<const std::uint8_t*>(allowed)));
  if constexpr (sizeof(TFromD<D>) == sizeof(std::uint32_t))
    return RebindMask(d, Ne(words, Zero(du)));
  else
    return RebindMask(d, Ne(PromoteTo(du, words), Zero(du)));
}

template <class D>
HWY_INLINE Mask<D> flags(First first, D d, const bool* allowed) {
  bool padded[MaxLanes(D())] = {};
  std::copy_n(allowed, std::min(first.n, MaxLanes(D())), padded);
  return flags(Whole{}, d, padded);
}

/// The maximum of what is allowed. With flags, y becomes x with -inf at what is not: exp makes an exact 0 of it.
template <class T>
HWY_INLINE T hide_and_max(const T* x, const bool* allowed, T* y, std::size_t n) {
  const ScalableTag<T> d;
  if (allowed == nullptr) return max_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); });
  const auto hidden = Set(d, -std::numeric_limits<T>::infinity());
  return max_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto v = IfThenElse(flags(part, d, allowed + i), part.load(d, x + i), hidden);
    part.store(v, d, y + i);
    return v;
  });
}

/// Rows whose maximum is not finite: `hidden` at what is not allowed, NaN at what is. A row with none allowed is one.
template <class T>
void fill_without_maximum(const bool* allowed, T hidden, T* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    y[i] = allowed == nullptr || allowed[i] ? std::numeric_limits<T>::quiet_NaN() : hidden;
}

/// Σ exp(x[i] - max).
template <class T>
HWY_INLINE T sum_of_exp(const T* x, T max, std::size_t n) {
  const ScalableTag<T> d;
  return sum_row(d, n,
                 [&](std::size_t i, auto part) HWY_ATTR { return exp(d, Sub(part.load(d, x + i), Set(d, max))); });
}

template <class T>
HWY_INLINE T log_of(T x) {
  const ScalableTag<T> d;
  return GetLane(log(d, Set(d, x)));
}

template <class T>
void softmax(const T* x, const bool* allowed, T* y, std::size_t n) {
  const ScalableTag<T> d;
  const T max = hide_and_max(x, allowed, y, n);
  if (!std::isfinite(max)) return fill_without_maximum(allowed, T{0}, y, n);
  const T* shown = allowed == nullptr ? x : y;
  const T sum = sum_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto e = exp(d, Sub(part.load(d, shown + i), Set(d, max)));
    part.store(e, d, y + i);
    return e;
  });
  const auto scale = Set(d, 1 / sum);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { part.store(Mul(part.load(d, y + i), scale), d, y + i); });
}

template <class T>
void softmax_backward(const T* y, const T* dy, T* dx, std::size_t n) {
  const ScalableTag<T> d;
  const T dot = sum_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
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
void log_softmax(const T* x, const bool* allowed, T* y, std::size_t n) {
  const ScalableTag<T> d;
  const T max = hide_and_max(x, allowed, y, n);
  if (!std::isfinite(max)) return fill_without_maximum(allowed, -std::numeric_limits<T>::infinity(), y, n);
  const T* shown = allowed == nullptr ? x : y;
  const auto log_sum = Set(d, log_of(sum_of_exp(shown, max, n)));
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(Sub(Sub(part.load(d, shown + i), Set(d, max)), log_sum), d, y + i);
  });
}

template <class T>
LogSumExp<T> log_sum_exp(const T* x, std::size_t n) {
  const T max = hide_and_max<T>(x, nullptr, nullptr, n);
  return {max, std::isfinite(max) ? log_of(sum_of_exp(x, max, n)) : T{0}};
}

template <class T>
void scaled_exp(T factor, LogSumExp<T> shift, const T* x, T* dx, std::size_t n) {
  const ScalableTag<T> d;
  const auto scale = Set(d, factor), max = Set(d, shift.max), rest = Set(d, shift.rest);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(Mul(scale, exp(d, Sub(Sub(part.load(d, x + i), max), rest))), d, dx + i);
  });
}

constexpr auto& softmax_f32 = softmax<float>;
constexpr auto& softmax_f64 = softmax<double>;
constexpr auto& softmax_backward_f32 = softmax_backward<float>;
constexpr auto& softmax_backward_f64 = softmax_backward<double>;
constexpr auto& log_softmax_f32 = log_softmax<float>;
constexpr auto& log_softmax_f64 = log_softmax<double>;
constexpr auto& log_sum_exp_f32 = log_sum_exp<float>;
constexpr auto& log_sum_exp_f64 = log_sum_exp<double>;
constexpr auto& scaled_exp_f32 = scaled_exp<float>;
constexpr auto& scaled_exp_f64 = scaled_exp<double>;

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(softmax_f32);
HWY_EXPORT(softmax_f64);
HWY_EXPORT(softmax_backward_f32);
HWY_EXPORT(softmax_backward_f64);
HWY_EXPORT(log_softmax_f32);
HWY_EXPORT(log_softmax_f64);
HWY_EXPORT(log_sum_exp_f32);
HWY_EXPORT(log_sum_exp_f64);
HWY_EXPORT(scaled_exp_f32);
HWY_EXPORT(scaled_exp_f64);

template <class T>
void softmax(const T* x, const bool* allowed, T* y, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(softmax_f32)(x, allowed, y, n);
  else
    HWY_DYNAMIC_DISPATCH(softmax_f64)(x, allowed, y, n);
}
template void softmax(const float*, const bool*, float*, std::size_t);
template void softmax(const double*, const bool*, double*, std::size_t);

template <class T>
void softmax_backward(const T* y, const T* dy, T* dx, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(softmax_backward_f32)(y, dy, dx, n);
  else
    HWY_DYNAMIC_DISPATCH(softmax_backward_f64)(y, dy, dx, n);
}
template void softmax_backward(const float*, const float*, float*, std::size_t);
template void softmax_backward(const double*, const double*, double*, std::size_t);

template <class T>
void log_softmax(const T* x, const bool* allowed, T* y, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(log_softmax_f32)(x, allowed, y, n);
  else
    HWY_DYNAMIC_DISPATCH(log_softmax_f64)(x, allowed, y, n);
}
template void log_softmax(const float*, const bool*, float*, std::size_t);
template void log_softmax(const double*, const bool*, double*, std::size_t);

template <class T>
LogSumExp<T> log_sum_exp(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    return HWY_DYNAMIC_DISPATCH(log_sum_exp_f32)(x, n);
  else
    return HWY_DYNAMIC_DISPATCH(log_sum_exp_f64)(x, n);
}
template LogSumExp<float> log_sum_exp(const float*, std::size_t);
template LogSumExp<double> log_sum_exp(const double*, std::size_t);

template <class T>
void scaled_exp(T factor, LogSumExp<T> shift, const T* x, T* dx, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(scaled_exp_f32)(factor, shift, x, dx, n);
  else
    HWY_DYNAMIC_DISPATCH(scaled_exp_f64)(factor, shift, x, dx, n);
}
template void scaled_exp(float, LogSumExp<float>, const float*, float*, std::size_t);
template void scaled_exp(double, LogSumExp<double>, const double*, double*, std::size_t);

}  // namespace heed::kernels
#endif
