// How far keys stand from queries, for biases that depend on it. Not part of the public interface.
#pragma once

#include <optional>
#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// s - p for key s and the query at position p = first + t: [T, S] i64. `first` is S - T unless given: then the last
/// query is at the last key. ShapeError for negative sizes, IndexError where first lies outside ±2^31.
Tensor key_distances(std::string_view operation, std::int64_t queries, std::int64_t keys,
                     std::optional<std::int64_t> first);

}  // namespace heed::nn
