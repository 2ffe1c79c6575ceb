#include "heed/nn/internal/record_heads.h"

#include <cmath>

#include "heed/autograd/no_grad.h"
#include "heed/nn/mask.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

// scale·q·kᵀ + bias: [B, H, T, S].
Tensor scores_of(const Tensor& query, const Tensor& key, const Tensor& bias, const AttentionOptions& options) {
  const std::int64_t batch = query.size(0), heads = query.size(1), queries = query.size(2), width = query.size(3),
                     groups = key.size(1), keys = key.size(2);
  const double scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(width)));
  const Tensor by_group = reshape(query, {batch, groups, heads / groups, queries, width}) * scale;
  const Tensor scores = reshape(matmul(by_group, mT(unsqueeze(key, 2))), {batch, heads, queries, keys});
  return bias.defined() ? scores + bias : scores;
}

// Which weights are not 0 by a mask: broadcasts to [B, H, T, S].
Tensor seen(const AttentionOptions& options, std::int64_t queries, std::int64_t keys) {
  return all_masks({options.mask, options.causal ? causal_mask(queries, keys, options.causal_offset) : Tensor()});
}

}  // namespace

AttentionRecord record_heads(const Variable& query, const Variable& key, const Variable& value, const Variable& bias,
                             const AttentionOptions& options, const Variable& weights, Variable& context) {
  const detail::RecorderWishes wishes = detail::recorder_wishes();
  AttentionRecord found{.context = context.value()};
  {
    const NoGrad outside_the_graph;
    found.weights =
        weights.defined() ? weights.value() : attention_weights(query, key, bias, options).value();  // [B, H, T, S]
    if (wishes.scores) found.scores = scores_of(query.value(), key.value(), bias.value(), options);
  }
  if (wishes.gradients) {
    detail::AttentionTrace::Part part{.shape = found.weights.shape(),
                                      .keys_axis = 3,
                                      .mask = seen(options, query.size(2), key.size(2)),
                                      .gradient = std::make_shared<detail::WeightGradient>()};
    context = detail::watch_context(context, value, part.gradient);
    auto trace = std::make_shared<detail::AttentionTrace>();
    trace->parts.push_back(std::move(part));
    found.trace = std::move(trace);
  }
  return found;
}

}  // namespace heed::nn
