// Powers with the same bits on every processor, whatever its C library. Not part of the public interface.
#pragma once

namespace heed::nn {

/// base^exponent for base >= 0: the whole part of the exponent by repeated multiplication, the rest with heed's own exp
/// and log. The relative error grows with the exponent n, to about n·2^-53.
double power(double base, double exponent);

}  // namespace heed::nn
