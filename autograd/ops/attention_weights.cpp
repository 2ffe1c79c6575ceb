#include "heed/autograd/ops/attention_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/internal/attention.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed {
namespace {

void check_broadcast(std::string_view op, std::string_view name, const Tensor& x, const Shape& weights) {
  if (!x.defined()) return;
  bool fits = x.rank() <= weights.rank();
  for (int axis = 1; fits && axis <= x.rank(); ++axis)
    fits = x.size(-axis) == 1 || x.size(-axis) == weights[weights.rank() - axis];
  if (!fits)
    throw ShapeError(
        fmt::format("{}: {} {} does not broadcast to [B, H, T, S] = {}", op, name, x.shape().str(), weights.str()));
}

// mask and causal rule as one tensor of bool, undefined where everything may be attended to.
Tensor allowed(const AttentionSetting& setting, const AttentionOptions& options) {
  if (!options.causal) return options.mask;
  const std::int64_t queries = setting.queries;
  const Tensor below = less_equal(arange(setting.keys), reshape(arange(queries), {queries, 1}) + setting.causal_offset);
  return options.mask.defined() ? logical_and(options.mask, below) : below;
}

// q·kᵀ [.., T, S]. Where something is not finite, a key that is not allowed is taken out of each query's own copy: in a
// product of matrices 0·NaN would reach gradients.
Variable products(const Variable& q, const Variable& k, const Tensor& allowed) {
  if (!allowed.defined() || (all_finite(q.value()) && all_finite(k.value()))) return matmul(q, mT(k));
  const Tensor each = unsqueeze(allowed, -1);
  return sum(where(each, unsqueeze(q, -2), 0) * where(each, unsqueeze(k, -3), 0), {-1});
}

}  // namespace

AttentionSetting check_attention(std::string_view op, const Tensor& query, const Tensor& key, const Tensor* value,
                                 const Tensor& bias, const AttentionOptions& options) {
  const Sizes size = check_shapes(op, {{"query", query, "B H T K"},
                                       {"key", key, "B G S K"},
                                       {"value", value ? *value : Tensor(), "B G S D", value == nullptr}});
  const std::int64_t heads = size['H'], groups = size['G'], queries = size['T'], keys = size['S'];
  if (groups == 0 ? heads != 0 : heads % groups != 0)
    throw ShapeError(fmt::format("{}: H = {} is no multiple of G = {}: query {}, key {}", op, heads, groups,
                                 query.shape().str(), key.shape().str()));
  if (!is_float(query.dtype())) throw_dtype(op, query.dtype(), "f32 or f64");
  for (const Tensor* other : {&key, value, &bias})
    if (other != nullptr && other->defined()) check_same_dtype(op, query.dtype(), other->dtype());
  if (options.mask.defined() && options.mask.dtype() != DType::boolean)
    throw_dtype(fmt::format("{}: mask", op), options.mask.dtype(), "bool");
  const std::int64_t offset = options.causal ? options.causal_offset.value_or(keys - queries) : keys;
  const double scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(size['K'], 1))));
  const AttentionSetting setting{size['B'],
                                 heads,
                                 groups,
                                 queries,
                                 keys,
                                 size['K'],
                                 std::max<std::int64_t>(size['D'], 0),
                                 std::clamp(offset, -queries, keys),
                                 scale};
  check_broadcast(op, "mask", options.mask, setting.weights());
  check_broadcast(op, "bias", bias, setting.weights());
  if (!std::isfinite(scale)) throw Error(fmt::format("{}: scale is {}, expected a finite number", op, scale));
  if (!(options.dropout >= 0 && options.dropout <= 1))
    throw Error(fmt::format("{}: dropout is {}, expected 0 <= dropout <= 1", op, options.dropout));
  return setting;
}

SeenWeights seen_weights(const AttentionSetting& s, const Variable& query, const Variable& key, const Variable& bias,
                         const AttentionOptions& options) {
  const Shape grouped{s.batch, s.groups, s.groups == 0 ? 0 : s.heads / s.groups, s.queries, s.keys};
  const auto by_group = [&](const auto& x) { return reshape(expand(x, s.weights()), grouped); };
  const Tensor given = allowed(s, options), mask = given.defined() ? by_group(given) : given;
  const Variable q = reshape(query, {grouped[0], grouped[1], grouped[2], s.queries, s.width}) * s.scale;
  Variable scores = products(q, unsqueeze(key, 2), mask);  // [B, G, H/G, T, S]
  if (bias.defined()) scores = scores + by_group(bias);
  const Tensor above = logical_not(equal(scores.value(), -std::numeric_limits<double>::infinity()));
  const Tensor seen = mask.defined() ? logical_and(mask, above) : above;
  return {softmax(scores, seen), seen};
}

Variable attention_weights(const Variable& query, const Variable& key, const Variable& bias,
                           const AttentionOptions& options) {
  const AttentionSetting s =
      check_attention("attention_weights", query.value(), key.value(), nullptr, bias.value(), options);
  return reshape(seen_weights(s, query, key, bias, options).weights, s.weights());
}

}  // namespace heed
