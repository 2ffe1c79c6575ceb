// Cosine and sine with the same bits on every processor, whatever its C library. Not part of the public interface.
#pragma once

namespace heed::nn {

/// cos(πx), off by less than 2^-52 at most; exact at multiples of 1/2. For finite x.
double cos_pi(double x);

/// sin(πx), as exact.
double sin_pi(double x);

}  // namespace heed::nn
