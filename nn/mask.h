// Which positions of a padded batch are real. A mask is boolean, true = may be read.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// Where a mask may be given: none, everything may be read.
inline const Tensor no_mask;

/// True where a position lies within its example's length: [B, 1, size] bool, a mask of keys.
Tensor length_mask(std::span<const std::int64_t> lengths, std::int64_t size);

/// True for the examples that still have a token at time t: [B, 1] bool.
Tensor step_mask(std::span<const std::int64_t> lengths, std::int64_t t);

/// True where query t may see key s: s <= t + offset, [1, T, S]. The offset is S - T unless given, so that the last
/// query sees every key (a cache holds the keys before); 0 aligns the first query with the first key. A query before
/// every key sees nothing.
Tensor causal_mask(std::int64_t queries, std::int64_t keys, std::optional<std::int64_t> offset = {});

/// True where key s is at most `before` positions before query t's own, t + offset, and at most `after` behind it: [1,
/// T, S]. A causal window of w keys, its own included, is {w - 1, 0}; a local one of D keys to each side {D, D}. The
/// offset is as above. Error for negative numbers of keys.
Tensor window_mask(std::int64_t queries, std::int64_t keys, std::int64_t before, std::int64_t after,
                   std::optional<std::int64_t> offset = {});

/// True where all masks are (AND), broadcast; undefined ones hide nothing, and if all are, so is the result.
Tensor all_masks(std::initializer_list<Tensor> masks);

/// The keys that some query may attend to: mask [B, T, S] -> [B, 1, S].
Tensor attended_keys(const Tensor& mask);

/// x [B, S, D] with 0 where the mask [B, 1, S] is false: whatever stands there (NaN included) reaches neither a result
/// nor, by way of 0·NaN, a gradient. An undefined mask changes nothing. ShapeError for other shapes: a mask that
/// differs from query to query hides no position.
Variable mask_padding(const Variable& x, const Tensor& mask);

/// The same beyond each example's length: x itself when all examples are S long, or `lengths` is empty.
Variable mask_padding(const Variable& x, std::span<const std::int64_t> lengths);

}  // namespace heed::nn
