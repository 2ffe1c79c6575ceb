#include "heed/nn/mask.h"

#include <algorithm>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {

Tensor length_mask(std::span<const std::int64_t> lengths, std::int64_t size) {
  const auto batch = static_cast<std::int64_t>(lengths.size());
  return less(expand(arange(size), {batch, 1, size}), tensor(lengths, {batch, 1, 1}));
}

Tensor step_mask(std::span<const std::int64_t> lengths, std::int64_t t) {
  Tensor mask = empty({static_cast<std::int64_t>(lengths.size()), 1}, DType::boolean);
  std::ranges::transform(lengths, mask.mutable_data<bool>(), [&](std::int64_t length) { return t < length; });
  return mask;
}

Variable mask_padding(const Variable& x, const Tensor& mask) {
  check_shapes("mask_padding", {{"x", x.value(), "B S D"}, {"mask", mask, "B 1 S", true}});
  return mask.defined() ? where(mT(mask), x, 0) : x;
}

Variable mask_padding(const Variable& x, std::span<const std::int64_t> lengths) {
  const std::int64_t steps = check_shapes("mask_padding", {{"x", x.value(), "B S D"}})['S'];
  if (std::ranges::all_of(lengths, [&](std::int64_t length) { return length == steps; })) return x;
  return mask_padding(x, length_mask(lengths, steps));
}

}  // namespace heed::nn
