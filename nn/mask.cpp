#include "heed/nn/mask.h"

#include <algorithm>

#include <fmt/format.h>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

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

namespace {

// s - t for every query t and key s, less the offset: how far behind its own position a query looks, [1, T, S].
Tensor distances(std::int64_t queries, std::int64_t keys, std::optional<std::int64_t> offset) {
  const Tensor own = arange(queries) + offset.value_or(keys - queries);
  return reshape(arange(keys), {1, 1, keys}) - reshape(own, {1, queries, 1});
}

}  // namespace

Tensor causal_mask(std::int64_t queries, std::int64_t keys, std::optional<std::int64_t> offset) {
  return distances(queries, keys, offset) <= 0;
}

Tensor window_mask(std::int64_t queries, std::int64_t keys, std::int64_t before, std::int64_t after,
                   std::optional<std::int64_t> offset) {
  if (before < 0 || after < 0)
    throw Error(fmt::format("window_mask: {} keys before and {} after, expected at least 0", before, after));
  const Tensor distance = distances(queries, keys, offset);
  return logical_and(distance >= -before, distance <= after);
}

Tensor all_masks(std::initializer_list<Tensor> masks) {
  Tensor result;
  for (const Tensor& mask : masks) {
    if (!mask.defined()) continue;
    result = result.defined() ? logical_and(result, mask) : mask;
  }
  return result;
}

Tensor attended_keys(const Tensor& mask) {
  check_shapes("attended_keys", {{"mask", mask, "B T S"}});
  if (mask.dtype() != DType::boolean) throw_dtype("attended_keys", mask.dtype(), "bool");
  return mask.size(1) == 1 ? mask : sum(to(mask, DType::i64), 1, true) > 0;
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
