// How far keys stand from queries, for biases that depend on it. Not part of the public interface.
#pragma once

#include <optional>
#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// The position of the first query, S - T unless given: then the last query is at the last key. ShapeError for negative
/// sizes, IndexError where it lies outside ±2^31.
std::int64_t first_query(std::string_view operation, std::int64_t queries, std::int64_t keys,
                         std::optional<std::int64_t> given);

/// s - p for key s and the query at position p = first + t: [T, S] i64. As above.
Tensor key_distances(std::string_view operation, std::int64_t queries, std::int64_t keys,
                     std::optional<std::int64_t> first);

}  // namespace heed::nn
