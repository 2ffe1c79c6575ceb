#include "heed/nn/internal/key_distances.h"

#include <fmt/format.h>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {

std::int64_t first_query(std::string_view operation, std::int64_t queries, std::int64_t keys,
                         std::optional<std::int64_t> given) {
  constexpr std::int64_t furthest = std::int64_t{1} << 31;
  if (queries < 0 || keys < 0)
    throw ShapeError(fmt::format("{}: {} queries and {} keys, expected at least 0", operation, queries, keys));
  if (given && (*given < -furthest || *given > furthest))
    throw IndexError(fmt::format("{}: first position {} is outside -2^31 to 2^31", operation, *given));
  return given.value_or(keys - queries);
}

Tensor key_distances(std::string_view operation, std::int64_t queries, std::int64_t keys,
                     std::optional<std::int64_t> first) {
  const std::int64_t position = first_query(operation, queries, keys, first);
  return arange(keys) - (reshape(arange(queries), {queries, 1}) + position);
}

}  // namespace heed::nn
