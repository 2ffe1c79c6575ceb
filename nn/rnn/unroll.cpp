#include "heed/nn/rnn/unroll.h"

#include <fmt/format.h>

namespace heed::nn {

Tensor alive_at(std::span<const std::int64_t> lengths, std::int64_t t) {
  Tensor alive = empty({static_cast<std::int64_t>(lengths.size()), 1}, DType::b8);
  bool* to = alive.mutable_data<bool>();
  for (std::size_t b = 0; b < lengths.size(); ++b) to[b] = t < lengths[b];
  return alive;
}

void require_lengths(const char* operation, std::span<const std::int64_t> lengths, std::int64_t batch,
                     std::int64_t steps) {
  if (static_cast<std::int64_t>(lengths.size()) != batch)
    throw ShapeError(fmt::format("{}: {} lengths for a batch of {}", operation, lengths.size(), batch));
  for (std::size_t b = 0; b < lengths.size(); ++b)
    if (lengths[b] < 0 || lengths[b] > steps)
      throw ShapeError(fmt::format("{}: length {} of example {} is outside [0, {}]", operation, lengths[b], b, steps));
}

Variable hide_padding(const Variable& x, std::span<const std::int64_t> lengths) {
  const std::int64_t batch = x.size(0), steps = x.size(1);
  if (std::all_of(lengths.begin(), lengths.end(), [&](std::int64_t length) { return length == steps; })) return x;
  const Tensor real = less(reshape(arange(steps), {steps, 1}), tensor(lengths, {batch, 1, 1}));  // [B, T, 1]
  return where(real, x, Variable(like(x.value(), 0)));
}

}  // namespace heed::nn
