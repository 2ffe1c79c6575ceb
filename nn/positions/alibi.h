// Attention with linear biases (Press, Smith and Lewis 2022, ALiBi).
#pragma once

#include <optional>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// How steeply the bias of each head falls: [H]. For H a power of two 2^(-8h/H), h = 1, …, H; for others those of the
/// power P below, followed by every second one of 2P, from the first on. ShapeError unless H is positive.
Tensor alibi_slopes(std::int64_t heads, DType dtype = DType::f32);

/// bias[0, h, t, s] = -slope_h·|p - s| for the query at position p = first_position + t: [1, H, T, S], to be added to
/// scores. Nothing is learned, and no position is too far. The paper's attention is causal: keys behind a query, which
/// it masks, have here the bias of those as far before it. `first_position` is S - T unless given, so that the last
/// query is at the last key (a cache holds the keys before), as for causal_mask. ShapeError, DTypeError; IndexError
/// where it lies outside ±2^31.
Tensor alibi_bias(std::int64_t heads, std::int64_t queries, std::int64_t keys,
                  std::optional<std::int64_t> first_position = {}, DType dtype = DType::f32);

}  // namespace heed::nn
