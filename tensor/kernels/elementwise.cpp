#include "heed/tensor/kernels/elementwise.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

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

template <class T>
constexpr ElementwiseKernels<T> table{.unary = unary<T>, .binary = binary<T>, .add_scaled = add_scaled<T>};

}  // namespace

Tables<ElementwiseKernels> elementwise_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(elementwise_tables);

Tables<ElementwiseKernels> elementwise() { return HWY_DYNAMIC_DISPATCH(elementwise_tables)(); }

}  // namespace heed::kernels
#endif
