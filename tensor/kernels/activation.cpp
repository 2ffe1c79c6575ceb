#include "heed/tensor/kernels/activation.h"

#include <numbers>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/activation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/math_erf-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// gelu and silu are x times a probability that is 0 long before this; clamped, they are -0 at -inf too, not -inf·0.
constexpr int probability_is_zero = -2000;
constexpr double half_normal_density = std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2;  // 1/√(2π)

/// e^x - 1 for x <= 0.
template <class D>
HWY_INLINE Vec<D> expm1_of_negative(D d, Vec<D> x) {
  using C = ExpConstants<TFromD<D>>;
  const RebindToUnsigned<D> du;
  const auto v = at_least(d, x, TFromD<D>{-50});  // e^-50 is nothing beside 1
  const auto shift = Set(d, C::integer_shift + C::bias);
  const auto shifted = MulAdd(v, Set(d, C::log2_e), shift);
  const auto q = reduced_expm1(d, v, Sub(shifted, shift));
  const auto scale = BitCast(d, ShiftLeft<C::mantissa_bits>(BitCast(du, shifted)));
  return MulAdd(q, scale, Sub(scale, Set(d, TFromD<D>{1})));
}

template <class D>
HWY_INLINE Vec<D> elu(D d, Vec<D> x, Vec<D> alpha) {
  return IfThenElse(Gt(x, Zero(d)), x, Mul(alpha, expm1_of_negative(d, x)));
}

/// x·(1 - q) for positive x and x·q for others, q = erfc(|x|/√2)/2: nothing cancels.
template <class D>
HWY_INLINE Vec<D> gelu(D d, Vec<D> x) {
  using T = TFromD<D>;
  using C = ErfConstants<T>;
  const auto size = at_most(d, Abs(x), C::end * std::numbers::sqrt2_v<T>);
  const auto a = at_most(d, Mul(size, Set(d, 1 / std::numbers::sqrt2_v<T>)), C::end);
  const auto above = Mul(Mul(size, Set(d, T{0.5})), scaled_erfc(d, a));
  const auto tail = Mul(above, exp_of_minus_square(d, size, T{0.5}));  // last: it may be subnormal
  return IfThenElse(Gt(x, Zero(d)), Sub(x, tail), Neg(tail));
}

/// x·σ(u). For negative u as (x·√e^u)·√e^u / (1 + e^u), so that no factor is subnormal where the result is not.
template <class D>
HWY_INLINE Vec<D> times_sigmoid(D d, Vec<D> x, Vec<D> u) {
  const auto one = Set(d, TFromD<D>{1});
  const auto root = exp(d, Mul(Or(u, SignBit(d)), Set(d, TFromD<D>{0.5})));  // of e^-|u|
  const auto numerator = IfThenElse(Lt(u, Zero(d)), Mul(Mul(x, root), root), x);
  return Div(numerator, MulAdd(root, root, one));
}

template <class D>
HWY_INLINE Vec<D> silu(D d, Vec<D> x) {
  const auto v = at_least(d, x, TFromD<D>{probability_is_zero});
  return times_sigmoid(d, v, v);
}

/// ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), as ½·(1 + tanh(u/2)) = σ(u).
template <class D>
HWY_INLINE Vec<D> gelu_tanh(D d, Vec<D> x) {
  using T = TFromD<D>;
  const auto v = at_least(d, x, T{probability_is_zero});
  const auto factor = Set(d, 2 * std::numbers::sqrt2_v<T> * std::numbers::inv_sqrtpi_v<T>);
  const auto cubic = MulAdd(Mul(v, v), Set(d, static_cast<T>(0.044715)), Set(d, T{1}));
  return times_sigmoid(d, v, Mul(Mul(v, factor), cubic));
}

/// log(1 + z) for 0 <= z <= 1, with what 1 + z rounds away.
template <class D>
HWY_INLINE Vec<D> log1p_of_fraction(D d, Vec<D> z) {
  const auto one = Set(d, TFromD<D>{1}), sum = Add(one, z);
  return Add(log(d, sum), Div(Sub(z, Sub(sum, one)), sum));
}

template <class D>
HWY_INLINE Vec<D> softplus(D d, Vec<D> x) {
  const auto positive = IfThenZeroElse(Le(x, Zero(d)), x);
  return Add(positive, log1p_of_fraction(d, exp(d, Or(x, SignBit(d)))));
}

template <class T>
void apply(Activation f, T parameter, const T* x, T* y, std::size_t n) {
  const ScalableTag<T> d;
  using V = Vec<decltype(d)>;
  const auto p = Set(d, parameter);
  const auto each = [&](const auto& g) HWY_ATTR {
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { part.store(g(part.load(d, x + i)), d, y + i); });
  };
  switch (f) {
    case Activation::erf:
      return each([&](V v) HWY_ATTR { return erf(d, v); });
    case Activation::leaky_relu:
      return each([&](V v) HWY_ATTR { return IfThenElse(Gt(v, Zero(d)), v, Mul(p, v)); });
    case Activation::elu:
      return each([&](V v) HWY_ATTR { return elu(d, v, p); });
    case Activation::gelu:
      return each([&](V v) HWY_ATTR { return gelu(d, v); });
    case Activation::gelu_tanh:
      return each([&](V v) HWY_ATTR { return gelu_tanh(d, v); });
    case Activation::silu:
      return each([&](V v) HWY_ATTR { return silu(d, v); });
    case Activation::softplus:
      return each([&](V v) HWY_ATTR { return softplus(d, v); });
  }
}

/// x where a derivative is not 0 or 1 to the last bit, else 0: a factor that may be 0 must not meet infinity.
template <class D>
HWY_INLINE Vec<D> near_zero(D d, Vec<D> x) {
  return IfThenElseZero(Le(Abs(x), Set(d, TFromD<D>{1000})), x);
}

// No fused multiply-adds below: operations on tensors have none either.

template <class D>
HWY_INLINE Vec<D> gelu_slope(D d, Vec<D> x) {
  using T = TFromD<D>;
  const auto set = [&](double number) HWY_ATTR { return Set(d, static_cast<T>(number)); };
  const auto near = near_zero(d, x), half = set(0.5);
  const auto probability = Add(Mul(erf(d, Mul(x, set(std::numbers::sqrt2 / 2))), half), half);
  const auto density = Mul(exp(d, Mul(Mul(near, near), set(-0.5))), set(half_normal_density));
  return Add(probability, Mul(near, density));
}

template <class D>
HWY_INLINE Vec<D> gelu_tanh_slope(D d, Vec<D> x) {
  using T = TFromD<D>;
  const auto set = [&](double number) HWY_ATTR { return Set(d, static_cast<T>(number)); };
  constexpr double factor = 4 * half_normal_density;
  const auto near = near_zero(d, x);
  const auto s = sigmoid(d, Mul(x, Add(Mul(Mul(x, x), set(factor * 0.044715)), set(factor))));
  const auto inner = Add(Mul(Mul(near, near), set(factor * 0.044715 * 3)), set(factor));
  return Add(s, Mul(Mul(near, Mul(s, Sub(set(1), s))), inner));
}

template <class D>
HWY_INLINE Vec<D> silu_slope(D d, Vec<D> x) {
  const auto one = Set(d, TFromD<D>{1}), s = sigmoid(d, x);
  return Mul(s, Add(Mul(near_zero(d, x), Sub(one, s)), one));
}

template <class T>
void times_slope(Slope f, T parameter, const T* dy, const T* at, T* dx, std::size_t n) {
  const ScalableTag<T> d;
  using V = Vec<decltype(d)>;
  const auto one = Set(d, T{1}), p = Set(d, parameter);
  const auto each = [&](const auto& g) HWY_ATTR {
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
      part.store(g(part.load(d, dy + i), part.load(d, at + i)), d, dx + i);
    });
  };
  switch (f) {
    case Slope::relu:
      return each([&](V g, V x) HWY_ATTR { return IfThenZeroElse(Le(x, Zero(d)), g); });
    case Slope::leaky_relu:
      return each([&](V g, V x) HWY_ATTR { return IfThenElse(Le(x, Zero(d)), Mul(g, p), g); });
    case Slope::tanh:
      return each([&](V g, V y) HWY_ATTR { return Mul(g, Sub(one, Mul(y, y))); });
    case Slope::sigmoid:
      return each([&](V g, V y) HWY_ATTR { return Mul(g, Mul(y, Sub(one, y))); });
    case Slope::gelu:
      return each([&](V g, V x) HWY_ATTR { return Mul(g, gelu_slope(d, x)); });
    case Slope::gelu_tanh:
      return each([&](V g, V x) HWY_ATTR { return Mul(g, gelu_tanh_slope(d, x)); });
    case Slope::silu:
      return each([&](V g, V x) HWY_ATTR { return Mul(g, silu_slope(d, x)); });
    case Slope::softplus:
      return each([&](V g, V x) HWY_ATTR { return Mul(g, sigmoid(d, x)); });
  }
}

template <class T>
constexpr ActivationKernels<T> table{.apply = apply<T>, .times_slope = times_slope<T>};

}  // namespace

Tables<ActivationKernels> activation_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(activation_tables);

Tables<ActivationKernels> activation() { return HWY_DYNAMIC_DISPATCH(activation_tables)(); }

}  // namespace heed::kernels
#endif
