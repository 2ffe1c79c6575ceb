#include "heed/nn/internal/cosine.h"

#include <cmath>
#include <numbers>

namespace heed::nn {
namespace {

// The Taylor series of cos (from 1) or sin (from y) for |y| <= π/4: term·(1 - y²/(n+1)(n+2)·(1 - ...)). What it leaves
// out is below 2^-57.
double series(double term, double y, int first) {
  double sum = 1;
  for (int n = first + 16; n > first; n -= 2) sum = 1 - y * y / (n * (n - 1)) * sum;
  return term * sum;
}

}  // namespace

double cos_pi(double x) {
  x = std::fmod(std::fabs(x), 2);      // exact, as all differences below
  if (x > 1) x = 2 - x;                // even about 1
  if (x > 0.5) return -cos_pi(1 - x);  // odd about 1/2
  const double sine_of = std::numbers::pi * (0.5 - x), cosine_of = std::numbers::pi * x;
  return x > 0.25 ? series(sine_of, sine_of, 1) : series(1, cosine_of, 0);
}

double sin_pi(double x) {
  const double sign = x < 0 ? -1 : 1;
  x = std::fmod(std::fabs(x), 2);
  if (x > 1) return -sign * sin_pi(x - 1);
  if (x > 0.5) x = 1 - x;  // even about 1/2
  const double sine_of = std::numbers::pi * x, cosine_of = std::numbers::pi * (0.5 - x);
  return sign * (x > 0.25 ? series(1, cosine_of, 0) : series(sine_of, sine_of, 1));
}

}  // namespace heed::nn
