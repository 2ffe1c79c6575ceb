#include "heed/nn/positions/relative.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/dropout.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/by_distance.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/key_distances.h"
#include "heed/nn/internal/record_heads.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

constexpr std::string_view op = "relative positions";

const RelativePositions::Config& checked(const RelativePositions::Config& c) {
  check_sizes(op, {{"clip", c.clip}, {"key", c.key}});
  if (c.value != 0) check_sizes(op, {{"value", c.value}});
  return c;
}

Tensor xavier(const ParameterSpec& p, Generator& generator) { return xavier_uniform(generator, p.shape, 1, p.dtype); }

Parameter vectors(const ParameterSource& source, const RelativePositions::Config& c, std::int64_t width) {
  if (width == 0) return {};
  return source.make({{2 * c.clip + 1, width}, ParameterKind::weight, c.dtype}, xavier);
}

ClippedDistances distances(const Variable& table, std::int64_t queries, std::int64_t keys,
                           std::optional<std::int64_t> first) {
  return {table.size(0) / 2, first_query(op, queries, keys, first), keys};
}

}  // namespace

RelativePositions::RelativePositions(const Config& c, const ParameterSource& source)
    : key(vectors(source, checked(c), c.key)), value(vectors(source, c, c.value)) {}

Variable RelativePositions::bias(const Variable& query, std::int64_t keys, std::optional<double> scale,
                                 std::optional<std::int64_t> first_position) const {
  const Sizes size = check_shapes(op, {{"query", query.value(), "B H T K"}, {"key", key.value(), "P K"}});
  const ClippedDistances each = distances(key, size['T'], keys, first_position);
  const Variable products = matmul(query * scale.value_or(1 / std::sqrt(static_cast<double>(size['K']))), mT(key));
  return spread_by_distance(products, each);  // [B, H, T, 2k + 1] -> [B, H, T, S]
}

Variable RelativePositions::context(const Variable& weights, std::optional<std::int64_t> first_position) const {
  const Sizes size = check_shapes(op, {{"weights", weights.value(), "B H T S"}, {"value", value.value(), "P D"}});
  const ClippedDistances each = distances(value, size['T'], size['S'], first_position);
  return matmul(sum_by_distance(weights, each), value);  // [B, H, T, S] -> [B, H, T, 2k + 1] -> [B, H, T, D]
}

Variable RelativePositions::attend(const Variable& q, const Variable& k, const Variable& v,
                                   const AttentionOptions& options) const {
  check_shapes(op, {{"query", q.value(), "B H T K"},
                    {"keys", k.value(), "B G S K"},
                    {"key", key.value(), "P K"},
                    {"values", v.value(), "B G S D"},
                    {"value", value.value(), "P D", true}});
  const Variable scores = bias(q, k.size(2), options.scale, options.causal_offset);
  if (!value.defined()) {
    Variable plain = scaled_dot_product_attention(q, k, v, scores, options);
    if (detail::recording_attention()) record_attention(*this, record_heads(q, k, v, scores, options, {}, plain));
    return plain;
  }
  Generator draws = options.generator ? *options.generator : Generator(0);
  Variable plain = scaled_dot_product_attention(q, k, v, scores, options);
  const Variable weights = attention_weights(q, k, scores, options);
  Variable kept = dropout(weights, options.dropout, draws);
  if (!detail::recording_attention()) return plain + context(kept, options.causal_offset);
  AttentionRecord found = record_heads(q, k, v, scores, options, weights, plain);
  if (found.trace) kept = detail::watch_weights(kept, found.trace->parts[0].gradient);  // the other way to the loss
  const Variable result = plain + context(kept, options.causal_offset);
  found.context = result.value();
  record_attention(*this, found);
  return result;
}

}  // namespace heed::nn
