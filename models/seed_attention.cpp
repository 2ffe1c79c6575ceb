#include "heed/models/seed_attention.h"

#include <fmt/format.h>

#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::models {
namespace {

nn::Linear::Config square(const SeedAttention::Config& c) {
  nn::check_sizes("seed_attention", {{"width", c.width}});
  return {.in = c.width, .out = c.width, .dtype = c.dtype};
}

}  // namespace

SeedAttention::SeedAttention(const Config& c, const nn::ParameterSource& source)
    : query(square(c), source), key(square(c), source), value(square(c), source) {}

nn::AttentionOutput SeedAttention::forward(const Variable& x) const {
  if (x.value().rank() < 2)
    throw ShapeError(fmt::format("seed_attention: x has rank {}, expected at least 2", x.value().rank()));
  const Variable scores = matmul(query.forward(x), mT(key.forward(x)));  // [.., S, S]
  Shape one_batch{1, x.size(-2), x.size(-1)};
  for (int axis = 0; axis < x.rank() - 2; ++axis) one_batch[0] *= x.size(axis);
  const std::int64_t positions = x.size(-2);
  const nn::AttentionOutput found = nn::attend_for(*this, reshape(scores, {one_batch[0], positions, positions}),
                                                   nn::no_mask, reshape(value.forward(x), one_batch));
  return {reshape(found.context, x.shape()), reshape(found.weights, scores.shape())};
}

}  // namespace heed::models
