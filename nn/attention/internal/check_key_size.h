// Not part of the public interface.
#pragma once

#include <fmt/format.h>

#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {

/// ShapeError unless keys are [B, S, size].
inline void check_key_size(std::string_view score, const Variable& keys, std::int64_t size) {
  check_shapes(score, {{"keys", keys.value(), "B S K"}});
  if (keys.size(-1) != size)
    throw ShapeError(fmt::format("{}: keys {}: expected [B, S, {}]", score, keys.shape().str(), size));
}

}  // namespace heed::nn
