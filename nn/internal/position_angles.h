// The angles of positions, for sinusoids and rotations. Not part of the public interface.
#pragma once

#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed::nn {

struct PositionAngles {
  Tensor sine, cosine;  // [.., P]
};

/// Sines and cosines of p·base^(-2i/width) for i = 0, …, pairs - 1 and every position p: [..] i64 -> [.., pairs],
/// computed in double precision. IndexError where a position lies outside ±2^31: its angle is off by about |p|·2^-51,
/// so that up to there a sine has six digits. DTypeError for other positions, and unless `dtype` is f32 or f64.
PositionAngles position_angles(std::string_view operation, const Tensor& positions, std::int64_t pairs,
                               std::int64_t width, double base, DType dtype);

}  // namespace heed::nn
