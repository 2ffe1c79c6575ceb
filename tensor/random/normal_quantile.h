// The inverse of the standard normal distribution function, the same bits on every machine.
#pragma once

namespace heed {

/// The z that a standard normal number stays below with probability p, for p in (0, 1).
/// Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988), PPND16:
/// three rational functions of degree 7. Calls nothing of the C mathematics library but sqrt, which IEEE 754 rounds
/// exactly; the logarithm of the tails is its own. Measured error for p from 2^-1022 to 1 - 2^-53: below 1e-15 of |z|.
double normal_quantile(double p);

}  // namespace heed
