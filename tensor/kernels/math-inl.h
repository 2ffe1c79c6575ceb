// exp, log, tanh and sigmoid of a vector of float or double. Every lane's result follows from that lane alone.
// NaN stays NaN, infinities and overflow give what the C library gives, subnormal numbers count, in and out.
//
// exp, tanh and sigmoid are written here and not taken from hwy/contrib/math, where (1.0.3 to 1.2) exp(NaN) and
// exp(200.f) are 0 and exp and tanh take twice as long. The shared method: x = n·ln 2 + r with an integer n and |r| <=
// ln 2 / 2, so that exp(x) = 2^n·(1 + q) with q = exp(r) - 1 from a polynomial r + r²·c(r) whose *relative* error is
// below 2^-26 (float) and 2^-55 (double); the coefficients c are minimax fits made for this file. log is contrib's
// (after musl) with its edges repaired. Greatest errors measured, in units in the last place: exp 1.1, tanh 2.9,
// sigmoid 2.5, log 1.0.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cstddef>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
using namespace hwy::HWY_NAMESPACE;

/// The smaller, and the greater, of x and `end`; NaN stays.
template <class D>
HWY_INLINE Vec<D> at_most(D d, Vec<D> x, TFromD<D> end) {
  return IfThenElse(Gt(x, Set(d, end)), Set(d, end), x);
}
template <class D>
HWY_INLINE Vec<D> at_least(D d, Vec<D> x, TFromD<D> end) {
  return IfThenElse(Lt(x, Set(d, end)), Set(d, end), x);
}

template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  static constexpr int mantissa_bits = 23;
  static constexpr float bias = 127;                 // of the exponent field
  static constexpr float integer_shift = 0x1.8p23f;  // adding it rounds to an integer, which then fills the low bits
  static constexpr float log2_e = 1.44269504f;
  static constexpr float ln2_high = 0.693145751953125f;  // short, so that n·ln2_high is exact
  static constexpr float ln2_low = 1.42860677e-6f;
  static constexpr float normal = 87;         // |x| below it: exp(x) and 2^n are normal numbers
  static constexpr float lowest = -104;       // below it exp rounds to 0
  static constexpr float highest = 89;        // above it to inf
  static constexpr float tanh_is_one = 9.5f;  // and from here on tanh to 1
  static constexpr float polynomial[] = {0.5f, 0.16666548f, 0.041666828f, 0.008366117f, 0.0013900659f};
};

template <>
struct ExpConstants<double> {
  static constexpr int mantissa_bits = 52;
  static constexpr double bias = 1023;
  static constexpr double integer_shift = 0x1.8p52;
  static constexpr double log2_e = 1.4426950408889634;
  static constexpr double ln2_high = 0.693147180369123816490;
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double normal = 708;
  static constexpr double lowest = -746;
  static constexpr double highest = 710;
  static constexpr double tanh_is_one = 20;
  static constexpr double polynomial[] = {0.5,
                                          0.16666666666666602,
                                          0.041666666666619896,
                                          0.008333333333388373,
                                          0.0013888888920551743,
                                          0.00019841269709289458,
                                          2.480151628392485e-05,
                                          2.7557425186363424e-06,
                                          2.7622256401066134e-07,
                                          2.5045854444341352e-08};
};

/// Σ c[first + 2j]·x^2j for the square of x: a polynomial's even part for first = 0, its odd part / x for first = 1.
template <std::size_t count, class D>
HWY_INLINE Vec<D> every_second(D d, Vec<D> square, const TFromD<D> (&c)[count], std::size_t first) {
  std::size_t k = first + (count - 1 - first) / 2 * 2;
  auto sum = Set(d, c[k]);
  for (; k > first; k -= 2) sum = MulAdd(sum, square, Set(d, c[k - 2]));
  return sum;
}

/// Σ c[k]·x^k in two short chains of dependent steps instead of a long one.
template <std::size_t count, class D>
HWY_INLINE Vec<D> polynomial(D d, Vec<D> x, Vec<D> square, const TFromD<D> (&c)[count]) {
  return MulAdd(every_second(d, square, c, 1), x, every_second(d, square, c, 0));
}

/// exp(x - n·ln 2) - 1 for the integer n nearest to x / ln 2.
template <class D>
HWY_INLINE Vec<D> reduced_expm1(D d, Vec<D> x, Vec<D> n) {
  using C = ExpConstants<TFromD<D>>;
  const auto r = NegMulAdd(n, Set(d, C::ln2_low), NegMulAdd(n, Set(d, C::ln2_high), x));
  const auto r2 = Mul(r, r);
  return MulAdd(polynomial(d, r, r2, C::polynomial), r2, r);
}

/// e^x.
template <class D>
HWY_INLINE Vec<D> exp(D d, Vec<D> x) {
  using C = ExpConstants<TFromD<D>>;
  const RebindToUnsigned<D> du;
  const auto shift = Set(d, C::integer_shift + C::bias);
  const auto shifted = MulAdd(x, Set(d, C::log2_e), shift);  // its low bits are the exponent field of 2^n
  const auto q = reduced_expm1(d, x, Sub(shifted, shift));
  if (HWY_LIKELY(AllTrue(d, Lt(Abs(x), Set(d, C::normal))))) {
    const auto scale = BitCast(d, ShiftLeft<C::mantissa_bits>(BitCast(du, shifted)));
    return MulAdd(q, scale, scale);
  }
  // 2^n in two normal factors of about 2^(n/2). Only the last product can round, to a subnormal: lanes that need no
  // care get the bits they get above.
  const auto both = BitCast(du, Add(shifted, Set(d, C::bias)));
  const auto half = ShiftRight<1>(both);
  const auto scale1 = BitCast(d, ShiftLeft<C::mantissa_bits>(half));
  const auto scale2 = BitCast(d, ShiftLeft<C::mantissa_bits>(Sub(both, half)));
  const auto y = Mul(MulAdd(q, scale1, scale1), scale2);
  const auto not_too_high = IfThenElse(Gt(x, Set(d, C::highest)), Inf(d), y);
  return IfThenZeroElse(Lt(x, Set(d, C::lowest)), not_too_high);
}

/// e^x for x <= 0, 0 where that is no normal number, without a branch. exp's bits otherwise; NaN stays.
template <class D>
HWY_INLINE Vec<D> exp_of_negative(D d, Vec<D> x) {
  using C = ExpConstants<TFromD<D>>;
  const RebindToUnsigned<D> du;
  const auto shift = Set(d, C::integer_shift + C::bias);
  const auto shifted = MulAdd(x, Set(d, C::log2_e), shift);
  const auto q = reduced_expm1(d, x, Sub(shifted, shift));
  const auto scale = BitCast(d, ShiftLeft<C::mantissa_bits>(BitCast(du, shifted)));
  return IfThenZeroElse(Lt(x, Set(d, -C::normal)), MulAdd(q, scale, scale));
}

/// (e^2|x| - 1) / (e^2|x| + 1) with the sign of x. Nothing cancels in the numerator, so small x keep all their bits.
template <class D>
HWY_INLINE Vec<D> tanh(D d, Vec<D> x) {
  using C = ExpConstants<TFromD<D>>;
  const RebindToUnsigned<D> du;
  const auto one = Set(d, TFromD<D>{1});
  const auto a = Abs(x), twice = Add(a, a);
  const auto shift = Set(d, C::integer_shift + C::bias);
  const auto shifted = MulAdd(a, Set(d, 2 * C::log2_e), shift);
  const auto q = reduced_expm1(d, twice, Sub(shifted, shift));
  const auto scale = BitCast(d, ShiftLeft<C::mantissa_bits>(BitCast(du, shifted)));
  const auto y = Div(MulAdd(q, scale, Sub(scale, one)), MulAdd(q, scale, Add(scale, one)));
  return CopySignToAbs(IfThenElse(Gt(a, Set(d, C::tanh_is_one)), one, y), x);
}

/// 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x, which keeps its relative accuracy down to subnormal results.
template <class D>
HWY_INLINE Vec<D> sigmoid(D d, Vec<D> x) {
  const auto one = Set(d, TFromD<D>{1});
  const auto z = exp(d, Or(x, SignBit(d)));  // e^-|x|
  return Div(IfThenElse(Lt(x, Zero(d)), z, one), Add(one, z));
}

/// Natural logarithm: -inf at ±0, NaN below.
template <class D>
HWY_INLINE Vec<D> log(D d, Vec<D> x) {
  using limits = std::numeric_limits<TFromD<D>>;
  const auto infinity = Set(d, limits::infinity());
  const auto y = IfThenElse(Lt(x, infinity), Log(d, x), x);  // inf and NaN are their own logarithm
  const auto below = IfThenElse(Eq(x, Zero(d)), Neg(infinity), Set(d, limits::quiet_NaN()));
  return IfThenElse(Le(x, Zero(d)), below, y);
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
