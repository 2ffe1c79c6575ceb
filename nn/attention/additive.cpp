#include "heed/nn/attention/additive.h"

#include "heed/autograd/additive_score.h"
#include "heed/autograd/matmul.h"
#include "heed/tensor/create.h"

namespace heed::nn {

AdditiveAttention::AdditiveAttention(const Config& c, Generator& generator)
    : query_weight(normal(generator, {c.hidden, c.query}, 0, 0.001, c.dtype)),
      key_weight(normal(generator, {c.hidden, c.key}, 0, 0.001, c.dtype)),
      v(zeros({c.hidden}, c.dtype)) {}

AdditiveMemory AdditiveAttention::remember(const Variable& keys, const Variable& values, const Tensor& mask) const {
  return {linear(hide(keys, mask), key_weight, {}), hide(values, mask), mask};
}

AttentionOutput AdditiveAttention::forward(const Variable& query, const AdditiveMemory& memory) const {
  const Variable q = linear(query, query_weight, {});  // [B, T, A]
  return attend(additive_score(q, memory.keys, v), memory.mask, memory.values);
}

}  // namespace heed::nn
