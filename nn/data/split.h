// Which examples a model learns from, and which ones only measure it.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::nn {

struct IndexSplit {
  std::vector<std::int64_t> train, held_out;  ///< in ascending order, each index in one of them
};

/// Draws `held_out` of the indices 0 … n - 1 at random. IndexError unless 0 <= held_out <= n.
IndexSplit split_indices(std::int64_t n, std::int64_t held_out, Generator& generator);

}  // namespace heed::nn
