#include "heed/nn/attention/additive.h"

#include <fmt/format.h>

#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const AdditiveAttention::Config& checked(const AdditiveAttention::Config& c) {
  check_sizes("additive attention", {{"query", c.query}, {"key", c.key}, {"hidden", c.hidden}});
  return c;
}

}  // namespace

AdditiveAttention::AdditiveAttention(const Config& c, Generator& generator)
    : query_weight(normal(generator, {checked(c).hidden, c.query}, 0, 0.001, c.dtype)),
      key_weight(normal(generator, {c.hidden, c.key}, 0, 0.001, c.dtype)),
      v(zeros({c.hidden}, c.dtype)) {}

AdditiveMemory AdditiveAttention::remember(const Variable& keys, const Variable& values, const Tensor& mask) const {
  check_defined("additive attention", "keys", keys.value());
  check_defined("additive attention", "values", values.value());
  if (keys.rank() != 3 || values.rank() != 3 || keys.size(0) != values.size(0) || keys.size(1) != values.size(1) ||
      keys.size(2) != key_weight.size(1))
    throw ShapeError(fmt::format("additive attention: keys {}, values {}: expected [B, S, {}] and [B, S, D]",
                                 keys.shape().str(), values.shape().str(), key_weight.size(1)));
  return {linear(mask_padding(keys, mask), key_weight), mask_padding(values, mask), mask};
}

AttentionOutput AdditiveAttention::forward(const Variable& query, const AdditiveMemory& memory) const {
  check_defined("additive attention", "query", query.value());
  check_defined("additive attention", "memory.keys", memory.keys.value());
  check_defined("additive attention", "memory.values", memory.values.value());
  if (query.rank() != 3 || query.size(0) != memory.keys.size(0) || query.size(2) != query_weight.size(1))
    throw ShapeError(fmt::format("additive attention: query {}, keys in memory {}: expected [B, T, {}] and [B, S, {}]",
                                 query.shape().str(), memory.keys.shape().str(), query_weight.size(1), v.size(0)));
  const Variable q = linear(query, query_weight);  // [B, T, A]
  return attend(additive_score(q, memory.keys, v), memory.mask, memory.values);
}

}  // namespace heed::nn
