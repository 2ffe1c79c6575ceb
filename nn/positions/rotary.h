// Rotary positions (Su et al. 2021, RoFormer).
#pragma once

#include "heed/autograd/variable.h"
#include "heed/nn/positions/positions.h"

namespace heed::nn {

/// Which two features are turned together.
enum class RotaryPairs : std::uint8_t {
  interleaved,  ///< 2i and 2i + 1, as in the paper
  halves        ///< i and i + width/2, as in GPT-NeoX and Llama; weights trained with one do not fit the other
};

struct RotaryOptions {
  RotaryPairs pairs = RotaryPairs::interleaved;
  double base = 10000;     ///< finite and positive
  std::int64_t width = 0;  ///< how many features are turned, an even number; those behind stay as they are. 0: all
};

/// Cosines and sines for rotary(), made once for all layers that ask for the same positions.
struct RotaryAngles {
  Tensor cosine, sine;  ///< [T, width/2] or [B, T, width/2]
  RotaryPairs pairs = RotaryPairs::interleaved;
};

/// The angles p·base^(-2i/width) for i < width/2, computed in double precision: positions [T] or [B, T] i64, `features`
/// the K of what is turned. ShapeError unless the width is even, positive and at most K; Error for the base; IndexError
/// for positions beyond ±2^31; DTypeError.
RotaryAngles rotary_angles(const Tensor& positions, std::int64_t features, const RotaryOptions& options = {},
                           DType dtype = DType::f32);

/// Each pair (a, b) of the row at position p as (a·cos - b·sin, a·sin + b·cos): x [B, H, T, K] -> [B, H, T, K],
/// row-major, x of any strides. Of queries and keys, not of values: the product of a query at m and a key at n then
/// depends on m - n only. dx is dy turned back by the same angles. ShapeError, DTypeError.
Variable rotary(const Variable& x, const RotaryAngles& angles);

/// The same with angles of its own. Errors of both.
Variable rotary(const Variable& x, const Positions& positions = {}, const RotaryOptions& options = {});

}  // namespace heed::nn
