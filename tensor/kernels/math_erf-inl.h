// The error function of a vector of float or double, and the scaled complement that its tails are made of. Every lane's
// result follows from that lane alone; NaN stays NaN.
//
// Near 0 erf(x) = x + x·s(x²); beyond, erf(x) = 1 - e^(-x²)·e^(x²)erfc(x), where (1 + 2a)·e^(a²)erfc(a) lies between 1
// and 1.29 for every a >= 0 and is a polynomial in t = (a - k)/(a + k) (Shepherd and Laframboise, "Chebyshev
// approximation of (1 + 2x)exp(x²)erfc x in 0 <= x < ∞", Mathematics of Computation 36 (1981)). The coefficients are
// Chebyshev fits made for this file; their relative error is below 2^-24 (float) and 2^-55 (double).
// erf is within 2 units in the last place (tests/tensor/kernels/activation.cpp).
//
// Each kernel file includes this once per instruction set, after math-inl.h; hence no include guard.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
using namespace hwy::HWY_NAMESPACE;

template <class T>
struct ErfConstants;

template <>
struct ErfConstants<float> {
  static constexpr float end = 10.5f;  // beyond it e^(-a²) rounds to 0
  static constexpr float k = 3;
  static constexpr float small[] = {0.12837917f,  -0.37612626f,   0.11283597f,   -0.026854329f,
                                    0.005189312f, -0.0008018855f, 7.8824974e-05f};
  static constexpr float scaled[] = {1.253008f,     -0.13562115f,    -0.047562387f,  0.1296466f,
                                     -0.119270995f, 0.06829448f,     -0.023798466f,  0.002569877f,
                                     0.0020051245f, -0.00077703345f, -0.00026856078f};
};

template <>
struct ErfConstants<double> {
  static constexpr double end = 27.5;
  static constexpr double k = 3.5;
  static constexpr double small[] = {0.12837916709551256,     -0.37612638903183543,    0.1128379167094513,
                                     -0.026866170643256995,   0.005223977607269946,    -0.0008548325982543225,
                                     0.00012055295112667001,  -1.4924740785377576e-05, 1.6447471190594618e-06,
                                     -1.6208829856810202e-07, 1.3721520406351094e-08,  -7.798543850549947e-10};
  static constexpr double scaled[] = {
      1.2423492448711544,      -0.14000918013761923,    -0.010555596332216331,  0.09751909515323645,
      -0.11508959816031593,    0.08798315382562831,     -0.04882332582476798,   0.019099330930403263,
      -0.004215019949162549,   -0.00030226777403844407, 0.0005643847404805428,  -0.00012151295494793122,
      -4.2783813494529043e-05, 2.4262656520636364e-05,  2.3333073356058537e-06, -3.8179066714837935e-06,
      -5.4385909736859864e-08, 6.045786408844949e-07,   4.8554012760133595e-09, -9.613447894858537e-08,
      -8.522017189500018e-09,  1.1341538370127338e-08,  2.7917243204615847e-09};
};

/// e^(a²)·erfc(a) for 0 <= a <= end.
template <class D>
HWY_INLINE Vec<D> scaled_erfc(D d, Vec<D> a) {
  using C = ErfConstants<TFromD<D>>;
  const auto one = Set(d, TFromD<D>{1}), k = Set(d, C::k);
  const auto t = Div(Sub(a, k), Add(a, k));
  return Div(polynomial(d, t, Mul(t, t), C::scaled), Add(one, Add(a, a)));
}

/// e^(-factor·x²). What x·x rounds away is made good, as far as multiply-adds are fused; else the relative error grows
/// with x².
template <class D>
HWY_INLINE Vec<D> exp_of_minus_square(D d, Vec<D> x, TFromD<D> factor) {
  const auto square = Mul(x, x), rest = MulSub(x, x, square), minus = Set(d, -factor);
  const auto y = exp(d, Mul(square, minus));
  return MulAdd(Mul(y, minus), rest, y);
}

/// 2/√π·∫ e^(-t²) dt from 0 to x.
template <class D>
HWY_INLINE Vec<D> erf(D d, Vec<D> x) {
  using C = ErfConstants<TFromD<D>>;
  const auto one = Set(d, TFromD<D>{1}), a = at_most(d, Abs(x), C::end);
  const auto square = Mul(a, a), near = MulAdd(x, polynomial(d, square, Mul(square, square), C::small), x);
  if (HWY_LIKELY(AllTrue(d, Lt(a, one)))) return near;
  const auto far = Sub(one, Mul(exp_of_minus_square(d, a, TFromD<D>{1}), scaled_erfc(d, a)));
  return IfThenElse(Lt(a, one), near, CopySignToAbs(far, x));
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
