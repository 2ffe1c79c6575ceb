#include "heed/nn/data/split.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/tensor/error.h"

namespace heed::nn {

IndexSplit split_indices(std::int64_t n, std::int64_t held_out, Generator& generator) {
  if (held_out < 0 || held_out > n)
    throw IndexError(fmt::format("split_indices: {} examples to hold out of {}", held_out, n));
  const std::vector<std::int64_t> order = permutation(generator, n);
  IndexSplit split{{order.begin() + held_out, order.end()}, {order.begin(), order.begin() + held_out}};
  std::ranges::sort(split.train);
  std::ranges::sort(split.held_out);
  return split;
}

}  // namespace heed::nn
