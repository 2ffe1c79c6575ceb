#include "heed/tensor/random/normal_quantile.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heed {
namespace {

// ln x for a positive normal x: x = m·2^e with m in [√½, √2), and ln m = 2·artanh(s) with s = (m - 1)/(m + 1), |s| <
// 0.172: s^23/23, the first term left out, is below 2^-60. std::log differs in the last bit from one C library to the
// next.
double natural_log(double x) {
  int exponent;
  double m = std::frexp(x, &exponent);  // exact
  if (m < std::numbers::sqrt2 / 2) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1), square = s * s;
  double series = 0;
  for (int odd = 21; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * square;
  // ln 2 in two parts: exponent·high is exact.
  constexpr double high = 0x1.62e42fefap-1, low = 0x1.cf79abc9e3b39p-40;
  return exponent * high + (2 * s + (2 * s * series + exponent * low));
}

// Coefficients are listed from the constant term on.
using Polynomial = double[8];

double evaluate(const Polynomial& coefficients, double x) {
  double y = coefficients[7];
  for (int i = 6; i >= 0; --i) y = y * x + coefficients[i];
  return y;
}

struct Rational {
  Polynomial above, below;
  double operator()(double x) const { return evaluate(above, x) / evaluate(below, x); }
};

constexpr Rational centre{
    {3.3871328727963666080, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
     4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3},
    {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
     3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3}};
constexpr Rational tail{
    {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
     1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
constexpr Rational far_tail{
    {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};

}  // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * centre(0.180625 - q * q);
  const double r = std::sqrt(-natural_log(std::min(p, 1 - p)));
  const double z = r <= 5 ? tail(r - 1.6) : far_tail(r - 5);
  return q < 0 ? -z : z;
}

}  // namespace heed
