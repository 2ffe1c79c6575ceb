// The worst of many measurements, of which one may be no number: NaN stays, and no criterion holds for it.
#pragma once

#include <cmath>

namespace heed::examples {

/// The larger one; NaN where one of them is.
inline double larger(double a, double b) { return std::isnan(a) || a >= b ? a : b; }

/// The smaller one; NaN where one of them is.
inline double smaller(double a, double b) { return std::isnan(a) || a <= b ? a : b; }

}  // namespace heed::examples
