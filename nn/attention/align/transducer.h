// The transducer's lattice (Graves 2012): two cursors, one in the source and one in the target, and the sum over all
// monotonic ways to move them.
#pragma once

#include <span>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// ln p(targets | source) of each example: the sum over all paths through the lattice of source positions t = 0 … S - 1
/// and target positions u = 0 … U, on which a blank moves to t + 1 and target u to u + 1, and which end with a blank at
/// (S - 1, U):
///   α(0, 0) = 1, α(t, u) = α(t - 1, u)·P(blank | t - 1, u) + α(t, u - 1)·P(targets_u | t, u - 1),
///   p = α(S - 1, U)·P(blank | S - 1, U), in logarithms.
/// log_probabilities [B, S, U + 1, V] (those of log_softmax), targets [B, U] i64 -> [B]. An example has
/// source_lengths[b] and target_lengths[b] positions (none given: all); what stands beyond, NaN included, reaches
/// neither result nor gradient. -inf where every path has probability 0. Time S·U, steps one after the other S + U.
/// ShapeError; IndexError for a blank or a target outside [0, V); DTypeError.
Variable transducer_log_likelihood(const Variable& log_probabilities, const Tensor& targets, std::int64_t blank = 0,
                                   std::span<const std::int64_t> source_lengths = {},
                                   std::span<const std::int64_t> target_lengths = {});

}  // namespace heed::nn
