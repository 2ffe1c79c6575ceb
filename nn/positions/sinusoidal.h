// Sinusoidal positions (Vaswani et al. 2017, section 3.5).
#pragma once

#include "heed/nn/parameter_source.h"
#include "heed/nn/positions/positions.h"

namespace heed::nn {

/// y = x + PE with PE(p, 2i) = sin(p/10000^(2i/D)) and PE(p, 2i + 1) = cos(p/10000^(2i/D)). An odd D ends with a sine.
/// Nothing is learned, and there is no last position: angles are computed in double precision for the positions that
/// are asked for.
struct SinusoidalPositions {
  struct Config {};

  explicit SinusoidalPositions(const Config& = {}) {}
  SinusoidalPositions(const Config&, const ParameterSource&) {}

  /// x [B, T, D] -> [B, T, D], f32 or f64. ShapeError, DTypeError; IndexError for positions beyond ±2^31, where six
  /// digits are left.
  static Variable forward(const Variable& x, const Positions& positions = {});

  /// PE itself: positions [..] i64 -> [.., features].
  static Tensor table(const Tensor& positions, std::int64_t features, DType dtype = DType::f32);

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
