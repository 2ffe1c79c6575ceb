#include "heed/tensor/kernels/additive_score.h"

#include <type_traits>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/additive_score.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

template <class T>
T additive_score(const T* q, const T* k, const T* v, std::size_t n) {
  const ScalableTag<T> d;
  return sum_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    return Mul(part.load(d, v + i), tanh(d, Add(part.load(d, q + i), part.load(d, k + i))));
  });
}

template <class T>
void additive_score_backward(T de, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv, std::size_t n) {
  const ScalableTag<T> d;
  const auto scale = Set(d, de), one = Set(d, T{1});
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto t = tanh(d, Add(part.load(d, q + i), part.load(d, k + i)));
    const auto dsum = Mul(Mul(scale, part.load(d, v + i)), Sub(one, Mul(t, t)));
    part.store(Add(part.load(d, dq + i), dsum), d, dq + i);
    part.store(Add(part.load(d, dk + i), dsum), d, dk + i);
    part.store(Add(part.load(d, dv + i), Mul(scale, t)), d, dv + i);
  });
}

constexpr auto& additive_score_f32 = additive_score<float>;
constexpr auto& additive_score_f64 = additive_score<double>;
constexpr auto& additive_score_backward_f32 = additive_score_backward<float>;
constexpr auto& additive_score_backward_f64 = additive_score_backward<double>;

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(additive_score_f32);
HWY_EXPORT(additive_score_f64);
HWY_EXPORT(additive_score_backward_f32);
HWY_EXPORT(additive_score_backward_f64);

template <class T>
T additive_score(const T* q, const T* k, const T* v, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    return HWY_DYNAMIC_DISPATCH(additive_score_f32)(q, k, v, n);
  else
    return HWY_DYNAMIC_DISPATCH(additive_score_f64)(q, k, v, n);
}
template float additive_score(const float*, const float*, const float*, std::size_t);
template double additive_score(const double*, const double*, const double*, std::size_t);

template <class T>
void additive_score_backward(T de, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(additive_score_backward_f32)(de, q, k, v, dq, dk, dv, n);
  else
    HWY_DYNAMIC_DISPATCH(additive_score_backward_f64)(de, q, k, v, dq, dk, dv, n);
}
template void additive_score_backward(float, const float*, const float*, const float*, float*, float*, float*,
                                      std::size_t);
template void additive_score_backward(double, const double*, const double*, const double*, double*, double*, double*,
                                      std::size_t);

}  // namespace heed::kernels
#endif
