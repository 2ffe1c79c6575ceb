#include "heed/nn/attention/trace.h"

#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn::detail {
namespace {

const Tensor& number(const Tensor& x) { return x; }
const Tensor& number(const Variable& x) { return x.value(); }

struct WatchWeights final : Rule<WatchWeights> {  // y = x
  static constexpr std::string_view op = "attention recorder";
  std::shared_ptr<WeightGradient> gradient = nullptr;

  template <class V>
  Grads<V> vjp(const V& dy) {
    gradient->add(number(dy));
    return {dy};
  }
};

struct WatchContext final : Rule<WatchContext> {  // y = x = weights·values
  static constexpr std::string_view op = "attention recorder";
  Saved values{*this};
  std::shared_ptr<WeightGradient> gradient = nullptr;

  template <class V>
  Grads<V> vjp(const V& dy) {
    const Tensor& d = number(dy);
    const Tensor& v = values.tensor();
    const std::int64_t batch = d.size(0), heads = d.size(1), queries = d.size(2), groups = v.size(1), keys = v.size(2);
    const Tensor by_group = reshape(d, {batch, groups, heads / groups, queries, d.size(3)});
    const Tensor of_weights = matmul(by_group, mT(unsqueeze(v, 2)));  // [B, G, H/G, T, S]
    gradient->add(reshape(of_weights, {batch, heads, queries, keys}));
    return {dy};
  }
};

}  // namespace

void WeightGradient::add(const Tensor& gradient) {
  const std::lock_guard lock(mutex_);
  sum_ = sum_.defined() ? sum_ + gradient : gradient.clone();  // the graph may add to its own
}

Tensor WeightGradient::sum() const {
  const std::lock_guard lock(mutex_);
  return sum_;
}

Variable watch_weights(const Variable& x, const std::shared_ptr<WeightGradient>& gradient) {
  if (!gradient) return x;
  return record<WatchWeights>(x.value(), {x}, [&](WatchWeights& rule) { rule.gradient = gradient; });
}

Variable watch_context(const Variable& context, const Variable& values,
                       const std::shared_ptr<WeightGradient>& gradient) {
  if (!gradient) return context;
  return record<WatchContext>(context.value(), {context}, [&](WatchContext& rule) {
    rule.gradient = gradient;
    rule.values.keep_constant(values.value());
  });
}

std::shared_ptr<AttentionTrace> trace_weights(Variable& weights, const Variable& scores, const Tensor& mask) {
  const RecorderWishes wishes = recorder_wishes();
  AttentionTrace::Part part{.shape = weights.shape(), .mask = mask};
  if (mask.defined() && weights.rank() == 4) part.mask = unsqueeze(mask, -1);  // alike for all features
  if (wishes.scores) part.scores = scores.value();
  if (wishes.gradients) {
    part.gradient = std::make_shared<WeightGradient>();
    weights = watch_weights(weights, part.gradient);
  }
  auto trace = std::make_shared<AttentionTrace>();
  trace->parts.push_back(std::move(part));
  return trace;
}

std::shared_ptr<AttentionTrace> join_traces(const std::vector<std::shared_ptr<AttentionTrace>>& traces) {
  std::shared_ptr<AttentionTrace> joined;
  for (const std::shared_ptr<AttentionTrace>& trace : traces) {
    if (!trace) continue;
    if (!joined) joined = std::make_shared<AttentionTrace>();
    joined->parts.insert(joined->parts.end(), trace->parts.begin(), trace->parts.end());
  }
  return joined;
}

Tensor among_keys(const Tensor& x, int axis, std::int64_t first_key, std::int64_t keys, double fill) {
  const auto filled = [&](std::int64_t size) {
    Shape shape = x.shape();
    shape[axis] = size;
    return full(shape, fill, x.dtype());
  };
  const std::int64_t behind = keys - first_key - x.size(axis);
  if (first_key == 0 && behind == 0) return x;
  return concat({filled(first_key), x, filled(behind)}, axis);
}

}  // namespace heed::nn::detail
