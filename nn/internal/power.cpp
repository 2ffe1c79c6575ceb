#include "heed/nn/internal/power.h"

#include <cmath>

#include "heed/tensor/kernels/elementwise.h"

namespace heed::nn {
namespace {

double apply(kernels::Unary function, double x) {
  kernels::elementwise().of<double>().unary(function, &x, &x, 1);
  return x;
}

}  // namespace

double power(double base, double exponent) {
  const double size = std::abs(exponent), whole = std::floor(size);
  double result = 1, square = base;
  for (double left = whole; left > 0; left = std::floor(left / 2), square *= square)
    if (std::fmod(left, 2) == 1) result *= square;
  if (size > whole) result *= apply(kernels::Unary::exp, (size - whole) * apply(kernels::Unary::log, base));
  return exponent < 0 ? 1 / result : result;
}

}  // namespace heed::nn
