// Numbers for each distance, for every pair of a query and a key, and back. Not part of the public interface.
#pragma once

#include "heed/autograd/variable.h"

namespace heed::nn {

/// A query at position first + t and a key at s are d = s - first - t apart; distances beyond ±clip count as ±clip.
struct ClippedDistances {
  std::int64_t clip, first, keys;
};

/// y[.., t, s] = x[.., t, d + clip]: x [B, H, T, 2·clip + 1] -> [B, H, T, keys]. f32 or f64. dx adds up dy, as below.
Variable spread_by_distance(const Variable& x, const ClippedDistances& distances);

/// y[.., t, n] = Σ x[.., t, s] over the keys with d + clip = n, in double precision and in the order of the keys:
/// x [B, H, T, keys] -> [B, H, T, 2·clip + 1]. dx spreads dy.
Variable sum_by_distance(const Variable& x, const ClippedDistances& distances);

}  // namespace heed::nn
