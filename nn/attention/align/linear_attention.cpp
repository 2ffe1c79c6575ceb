#include "heed/nn/attention/align/linear_attention.h"

#include <vector>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {
namespace {

// φ(q)ᵀ·values over φ(q)ᵀ·keys, 0 where that is 0.
Variable answer(const Variable& features, const LinearAttentionState& sums) {
  const Variable total = matmul(features, sums.keys);  // [B, T, 1]
  return matmul(features, sums.values) / where(equal(total.value(), 0), 1, total);
}

// φ(k), 0 for keys that are masked.
Variable key_features(const Variable& key, const Tensor& mask) {
  return mask_padding(elu_features(mask_padding(key, mask)), mask);
}

LinearAttentionState sums_of(const Variable& features, const Variable& value) {
  return {matmul(mT(features), value), mT(sum(features, 1, true))};
}

}  // namespace

Variable elu_features(const Variable& x) { return where(x > 0, x + 1, exp(minimum(x, 0))); }

Variable linear_attention(const Variable& query, const Variable& key, const Variable& value, const Tensor& mask) {
  check_shapes("linear_attention", {{"query", query.value(), "B T K"},
                                    {"key", key.value(), "B S K"},
                                    {"value", value.value(), "B S D"},
                                    {"mask", mask, "B 1 S", true}});
  return answer(elu_features(query), sums_of(key_features(key, mask), mask_padding(value, mask)));
}

Variable linear_attention_step(const Variable& query, const Variable& key, const Variable& value,
                               LinearAttentionState& state) {
  check_shapes("linear_attention_step", {{"query", query.value(), "B 1 K"},
                                         {"key", key.value(), "B 1 K"},
                                         {"value", value.value(), "B 1 D"},
                                         {"state.values", state.values.value(), "B K D", true}});
  LinearAttentionState sums = sums_of(elu_features(key), value);
  if (state.values.defined()) sums = {state.values + sums.values, state.keys + sums.keys};
  const Variable context = answer(elu_features(query), sums);
  state = sums;
  return context;
}

Variable causal_linear_attention(const Variable& query, const Variable& key, const Variable& value,
                                 const Tensor& mask) {
  const std::int64_t steps = check_shapes("causal_linear_attention", {{"query", query.value(), "B T K"},
                                                                      {"key", key.value(), "B T K"},
                                                                      {"value", value.value(), "B T D"},
                                                                      {"mask", mask, "B 1 T", true}})['T'];
  const Variable queries = elu_features(query), keys = key_features(key, mask), values = mask_padding(value, mask);
  LinearAttentionState sums;
  std::vector<Variable> contexts;
  for (std::int64_t t = 0; t < steps; ++t) {
    const LinearAttentionState one = sums_of(slice(keys, 1, t, t + 1), slice(values, 1, t, t + 1));
    sums = t == 0 ? one : LinearAttentionState{sums.values + one.values, sums.keys + one.keys};
    contexts.push_back(answer(slice(queries, 1, t, t + 1), sums));
  }
  return contexts.empty() ? value : concat(contexts, 1);
}

}  // namespace heed::nn
