#include "heed/tensor/kernels/reduce.h"

#include <type_traits>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

template <class T>
HWY_INLINE Vec<ScalableTag<double>> load_as_double(const auto& part, const T* p) {
  const ScalableTag<double> d;
  if constexpr (std::is_same_v<T, double>)
    return part.load(d, p);
  else
    return PromoteTo(d, part.load(Rebind<T, decltype(d)>(), p));
}

template <class T>
T sum(const T* x, std::size_t n) {
  const ScalableTag<T> d;
  return sum_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); });
}

template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  return sum_row(ScalableTag<double>(), n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto v = load_as_double(part, x + i);
    return Mul(v, v);
  });
}

template <class T>
void accumulate(const T* x, double* total, std::size_t n) {
  const ScalableTag<double> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(Add(part.load(d, total + i), load_as_double(part, x + i)), d, total + i);
  });
}

template <class T>
T max(const T* x, std::size_t n) {
  const ScalableTag<T> d;
  return max_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); });
}

constexpr auto& sum_f32 = sum<float>;
constexpr auto& sum_f64 = sum<double>;
constexpr auto& sum_of_squares_f32 = sum_of_squares<float>;
constexpr auto& sum_of_squares_f64 = sum_of_squares<double>;
constexpr auto& accumulate_f32 = accumulate<float>;
constexpr auto& accumulate_f64 = accumulate<double>;
constexpr auto& max_f32 = max<float>;
constexpr auto& max_f64 = max<double>;

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(sum_f32);
HWY_EXPORT(sum_f64);
HWY_EXPORT(sum_of_squares_f32);
HWY_EXPORT(sum_of_squares_f64);
HWY_EXPORT(accumulate_f32);
HWY_EXPORT(accumulate_f64);
HWY_EXPORT(max_f32);
HWY_EXPORT(max_f64);

template <class T>
T sum(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    return HWY_DYNAMIC_DISPATCH(sum_f32)(x, n);
  else
    return HWY_DYNAMIC_DISPATCH(sum_f64)(x, n);
}
template float sum(const float*, std::size_t);
template double sum(const double*, std::size_t);

template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    return HWY_DYNAMIC_DISPATCH(sum_of_squares_f32)(x, n);
  else
    return HWY_DYNAMIC_DISPATCH(sum_of_squares_f64)(x, n);
}
template double sum_of_squares(const float*, std::size_t);
template double sum_of_squares(const double*, std::size_t);

template <class T>
void accumulate(const T* x, double* total, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(accumulate_f32)(x, total, n);
  else
    HWY_DYNAMIC_DISPATCH(accumulate_f64)(x, total, n);
}
template void accumulate(const float*, double*, std::size_t);
template void accumulate(const double*, double*, std::size_t);

template <class T>
T max(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    return HWY_DYNAMIC_DISPATCH(max_f32)(x, n);
  else
    return HWY_DYNAMIC_DISPATCH(max_f64)(x, n);
}
template float max(const float*, std::size_t);
template double max(const double*, std::size_t);

}  // namespace heed::kernels
#endif
