#include "heed/autograd/fused/sequence_order.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed {

void check_lengths(std::string_view operation, std::span<const std::int64_t> lengths, std::int64_t batch,
                   std::int64_t steps) {
  if (static_cast<std::int64_t>(lengths.size()) != batch)
    throw ShapeError(fmt::format("{}: {} lengths for a batch of {}", operation, lengths.size(), batch));
  for (std::size_t b = 0; b < lengths.size(); ++b)
    if (lengths[b] < 0 || lengths[b] > steps)
      throw ShapeError(fmt::format("{}: length {} of example {} is outside [0, {}]", operation, lengths[b], b, steps));
}

}  // namespace heed
