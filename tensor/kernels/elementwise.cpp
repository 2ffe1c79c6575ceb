#include "heed/tensor/kernels/elementwise.h"

#include <type_traits>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

template <class T>
void unary(Unary op, const T* x, T* y, std::size_t n) {
  const ScalableTag<T> d;
  using V = Vec<decltype(d)>;
  const auto each = [&](const auto& f) HWY_ATTR {
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { part.store(f(part.load(d, x + i)), d, y + i); });
  };
  switch (op) {
    case Unary::neg:
      return each([&](V v) HWY_ATTR { return Neg(v); });
    case Unary::abs:
      return each([&](V v) HWY_ATTR { return Abs(v); });
    case Unary::sqrt:
      return each([&](V v) HWY_ATTR { return Sqrt(v); });
    case Unary::relu:
      return each([&](V v) HWY_ATTR { return IfThenZeroElse(Le(v, Zero(d)), v); });  // keeps NaN
    case Unary::exp:
      return each([&](V v) HWY_ATTR { return exp(d, v); });
    case Unary::log:
      return each([&](V v) HWY_ATTR { return log(d, v); });
    case Unary::tanh:
      return each([&](V v) HWY_ATTR { return tanh(d, v); });
    case Unary::sigmoid:
      return each([&](V v) HWY_ATTR { return sigmoid(d, v); });
  }
}

template <class T>
void binary(Binary op, const T* a, const T* b, T* y, std::size_t n) {
  const ScalableTag<T> d;
  using V = Vec<decltype(d)>;
  const auto each = [&](const auto& f) HWY_ATTR {
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
      part.store(f(part.load(d, a + i), part.load(d, b + i)), d, y + i);
    });
  };
  switch (op) {
    case Binary::add:
      return each([](V u, V v) HWY_ATTR { return Add(u, v); });
    case Binary::sub:
      return each([](V u, V v) HWY_ATTR { return Sub(u, v); });
    case Binary::mul:
      return each([](V u, V v) HWY_ATTR { return Mul(u, v); });
    case Binary::div:
      return each([](V u, V v) HWY_ATTR { return Div(u, v); });
    case Binary::maximum:
      return each([](V u, V v) HWY_ATTR { return maximum(u, v); });
    case Binary::minimum:
      return each([](V u, V v) HWY_ATTR { return minimum(u, v); });
  }
}

template <class T>
void add_scaled(T factor, const T* x, T* y, std::size_t n) {
  const ScalableTag<T> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto product = Mul(Set(d, factor), part.load(d, x + i));
    part.store(Add(part.load(d, y + i), product), d, y + i);
  });
}

constexpr auto& unary_f32 = unary<float>;
constexpr auto& unary_f64 = unary<double>;
constexpr auto& binary_f32 = binary<float>;
constexpr auto& binary_f64 = binary<double>;
constexpr auto& add_scaled_f32 = add_scaled<float>;
constexpr auto& add_scaled_f64 = add_scaled<double>;

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(unary_f32);
HWY_EXPORT(unary_f64);
HWY_EXPORT(binary_f32);
HWY_EXPORT(binary_f64);
HWY_EXPORT(add_scaled_f32);
HWY_EXPORT(add_scaled_f64);

template <class T>
void unary(Unary op, const T* x, T* y, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(unary_f32)(op, x, y, n);
  else
    HWY_DYNAMIC_DISPATCH(unary_f64)(op, x, y, n);
}
template void unary(Unary, const float*, float*, std::size_t);
template void unary(Unary, const double*, double*, std::size_t);

template <class T>
void binary(Binary op, const T* a, const T* b, T* y, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(binary_f32)(op, a, b, y, n);
  else
    HWY_DYNAMIC_DISPATCH(binary_f64)(op, a, b, y, n);
}
template void binary(Binary, const float*, const float*, float*, std::size_t);
template void binary(Binary, const double*, const double*, double*, std::size_t);

template <class T>
void add_scaled(T factor, const T* x, T* y, std::size_t n) {
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(add_scaled_f32)(factor, x, y, n);
  else
    HWY_DYNAMIC_DISPATCH(add_scaled_f64)(factor, x, y, n);
}
template void add_scaled(float, const float*, float*, std::size_t);
template void add_scaled(double, const double*, double*, std::size_t);

}  // namespace heed::kernels
#endif
