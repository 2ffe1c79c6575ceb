#include "heed/nn/attention/multi_head.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

using Config = MultiHeadAttention::Config;

// The configuration with every size that was left at 0 filled in.
Config completed(Config c) {
  if (c.kv_heads == 0) c.kv_heads = c.heads;
  if (c.key == 0) c.key = c.embed;
  if (c.value == 0) c.value = c.embed;
  check_sizes("multi-head attention",
              {{"embed", c.embed}, {"heads", c.heads}, {"kv_heads", c.kv_heads}, {"key", c.key}, {"value", c.value}});
  if (c.embed % c.heads != 0)
    throw ShapeError(fmt::format("multi-head attention: embed {} is not a multiple of heads {}", c.embed, c.heads));
  if (c.heads % c.kv_heads != 0)
    throw ShapeError(
        fmt::format("multi-head attention: heads {} is not a multiple of kv_heads {}", c.heads, c.kv_heads));
  return c;
}

bool packed(const Config& c) { return c.key == c.embed && c.value == c.embed; }
std::int64_t key_rows(const Config& c) { return c.embed / c.heads * c.kv_heads; }

Tensor xavier(const ParameterSpec& p, Generator& generator) { return xavier_uniform(generator, p.shape, 1, p.dtype); }
Tensor all_zero(const ParameterSpec& p, Generator&) { return zeros(p.shape, p.dtype); }

Parameter weight(const ParameterSource& source, const Config& c, bool wanted, std::int64_t out, std::int64_t in) {
  return wanted ? source.make({{out, in}, ParameterKind::weight, c.dtype}, xavier) : Parameter();
}

Parameter bias(const ParameterSource& source, const Config& c) {
  if (!c.bias) return {};
  return source.make({{c.embed + 2 * key_rows(c)}, ParameterKind::bias, c.dtype}, all_zero);
}

Linear output_layer(const ParameterSource& source, const Config& c) {
  const Linear::Config config{.in = c.embed, .out = c.embed, .bias = c.bias, .dtype = c.dtype};
  return {config, source.with([](const ParameterSpec& p, Generator&) {
            return p.kind == ParameterKind::bias ? zeros(p.shape, p.dtype) : Tensor();
          })};
}

// Rows begin to end of a weight or bias, undefined where there is none.
Variable rows(const Variable& x, std::int64_t begin, std::int64_t end) {
  return x.defined() ? slice(x, 0, begin, end) : x;
}

struct Projected {
  Variable query, key, value;  // [B, T, H·K], [B, S, G·K], [B, S, G·K]
};

Projected split(const Variable& all, std::int64_t query, std::int64_t key) {
  return {slice(all, -1, 0, query), slice(all, -1, query, query + key), slice(all, -1, query + key, to_end)};
}

Projected project(const MultiHeadAttention& m, bool self, const Variable& query, const Variable& key,
                  const Variable& value) {
  const std::int64_t e = m.out_proj.weight.size(0), k = e / m.heads * m.kv_heads;
  const Variable &w = m.in_proj_weight, &b = m.in_proj_bias;
  if (w.defined() && self) return split(linear(query, w, b), e, k);
  const auto part = [&](const Variable& x, const Variable& own, std::int64_t begin, std::int64_t end) {
    return linear(x, w.defined() ? rows(w, begin, end) : own, rows(b, begin, end));
  };
  return {part(query, m.q_proj_weight, 0, e), part(key, m.k_proj_weight, e, e + k),
          part(value, m.v_proj_weight, e + k, to_end)};
}

// x [B, L, heads·K] -> [B, G, heads/G, L, K].
Variable by_head(const Variable& x, std::int64_t groups, std::int64_t heads) {
  const Variable parts = reshape(x, {x.size(0), x.size(1), groups, heads / groups, x.size(2) / heads});
  return permute(parts, {0, 2, 3, 1, 4});
}

// The mask and the causal rule as one mask that broadcasts to [B, H, T, S].
Tensor whole_mask(const Tensor& given, bool causal, const Shape& scores) {
  Tensor mask = given.defined() && given.rank() == 3 ? unsqueeze(given, 1) : given;
  if (mask.defined()) expand(mask, scores);  // refuses a mask that does not fit
  if (!causal) return mask;
  const std::int64_t t = scores[2], s = scores[3];
  const Tensor below = less_equal(arange(s), reshape(arange(t), {t, 1}) + (s - t));
  return mask.defined() ? logical_and(mask, below) : below;
}

// Whether the mask hides the same keys from every query of a batch's example.
bool hides_padding(const Tensor& mask, const Variable& key) {
  return mask.defined() && mask.rank() == 3 && mask.shape() == Shape{key.size(0), 1, key.size(1)};
}

}  // namespace

MultiHeadAttention::MultiHeadAttention(const Config& config, const ParameterSource& source)
    : MultiHeadAttention(Completed{completed(config)}, source) {}

MultiHeadAttention::MultiHeadAttention(const Completed& given, const ParameterSource& source)
    : heads(given.config.heads),
      kv_heads(given.config.kv_heads),
      in_proj_weight(weight(source, given.config, packed(given.config), given.config.embed + 2 * key_rows(given.config),
                            given.config.embed)),
      q_proj_weight(weight(source, given.config, !packed(given.config), given.config.embed, given.config.embed)),
      k_proj_weight(weight(source, given.config, !packed(given.config), key_rows(given.config), given.config.key)),
      v_proj_weight(weight(source, given.config, !packed(given.config), key_rows(given.config), given.config.value)),
      in_proj_bias(bias(source, given.config)),
      out_proj(output_layer(source, given.config)),
      dropout({.p = given.config.dropout}) {}

MultiHeadAttention::Output MultiHeadAttention::forward(const Inputs& in) const {
  const bool self = !in.key.defined() && !in.value.defined();
  const Variable& given_key = in.key.defined() ? in.key : in.query;
  const Variable& given_value = in.value.defined() ? in.value : given_key;
  check_shapes("multi-head attention", {{"query", in.query.value(), "B T E"},
                                        {"key", given_key.value(), "B S K"},
                                        {"value", given_value.value(), "B S V"},
                                        {"out_proj.weight", out_proj.weight.value(), "E E"}});
  // In self-attention the one product is of what was given, since its padding is a query too: there the projected keys
  // and values are emptied.
  const Tensor padding = hides_padding(in.mask, given_key) ? in.mask : no_mask;
  const auto emptied = [&](const Variable& x, bool wanted) { return wanted ? mask_padding(x, padding) : x; };
  const Variable& query = in.query;
  const Variable key = emptied(given_key, !self), value = in.value.defined() ? emptied(in.value, true) : key;
  Projected p = project(*this, self, query, key, value);
  p = {p.query, emptied(p.key, self), emptied(p.value, self)};

  const std::int64_t b = query.size(0), t = query.size(1), s = key.size(1), k = p.query.size(2) / heads;
  const Variable q = by_head(p.query * (1 / std::sqrt(static_cast<double>(k))), kv_heads, heads);
  const Shape shape{b, heads, t, s};
  const Variable scores = reshape(matmul(q, mT(by_head(p.key, kv_heads, kv_heads))), shape);
  const Variable weights = softmax(scores, whole_mask(in.mask, in.causal, shape));
  const Variable kept = in.generator ? dropout.forward(weights, *in.generator) : dropout.forward(weights);
  const Variable grouped = reshape(kept, {b, kv_heads, heads / kv_heads, t, s});
  const Variable context = matmul(grouped, by_head(p.value, kv_heads, kv_heads));  // [B, G, H/G, T, K]
  const Variable joined = reshape(permute(context, {0, 3, 1, 2, 4}), {b, t, heads * k});
  return {out_proj.forward(joined), weights};
}

}  // namespace heed::nn
