#include "heed/nn/attention/multi_head.h"

#include <fmt/format.h>

#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/keep_lengths.h"
#include "heed/nn/internal/record_heads.h"
#include "heed/nn/internal/without_hidden.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"

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

// x [B, L, heads·K] -> [B, heads, L, K], a view.
Variable by_head(const Variable& x, std::int64_t heads) {
  return transpose(reshape(x, {x.size(0), x.size(1), heads, x.size(2) / heads}), 1, 2);
}

// The mask with an axis of heads, undefined where everything may be attended to.
Tensor mask_by_head(const Tensor& mask) { return mask.defined() && mask.rank() == 3 ? unsqueeze(mask, 1) : mask; }

// Refuses a mask in the shape that it was given.
void check_mask(const Tensor& mask, const Variable& query, const MultiHeadAttention::Memory& memory) {
  if (!mask.defined()) return;
  const Shape weights{query.size(0), query.size(1), query.size(2), memory.key.size(2)};
  const Tensor by_head = mask_by_head(mask);
  bool fits = by_head.rank() >= 2 && by_head.rank() <= 4;
  for (int axis = 1; fits && axis <= by_head.rank(); ++axis)
    fits = by_head.size(-axis) == 1 || by_head.size(-axis) == weights[weights.rank() - axis];
  if (!fits)
    throw ShapeError(
        fmt::format("multi-head attention: mask {}, expected [T, S], [B, T, S] or [B, H, T, S] with [B, H, T, S] = {}",
                    mask.shape().str(), weights.str()));
}

void check_self_only(const MultiHeadAttention::Inputs& in) {
  if (in.rotary.cosine.defined()) throw Error("multi-head attention: rotary angles are for self-attention only");
}

void check_query(const MultiHeadAttention& m, const MultiHeadAttention::Inputs& in) {
  check_shapes("multi-head attention", {{"query", in.query.value(), "B T E"},
                                        {"key", in.key.value(), "B S K", true},
                                        {"value", in.value.value(), "B S V", true},
                                        {"out_proj.weight", m.out_proj.weight.value(), "E E"}});
  for (const Variable* x : {&in.query, &in.key, &in.value})
    if (x->defined() && x->dtype() != m.out_proj.weight.dtype())
      throw_dtype("multi-head attention", x->dtype(), name(m.out_proj.weight.dtype()));
}

void check_query_only(const MultiHeadAttention& m, const MultiHeadAttention::Inputs& in) {
  check_query(m, in);
  if (in.key.defined() || in.value.defined())
    throw Error("multi-head attention: key and value are given twice, as inputs and as projected ones");
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

Variable MultiHeadAttention::project_query(const Variable& x) const {
  const std::int64_t e = out_proj.weight.size(0);
  const Variable& own = q_proj_weight;
  const Variable w = in_proj_weight.defined() ? rows(in_proj_weight, 0, e) : own;
  return by_head(linear(x, w, rows(in_proj_bias, 0, e)), heads);
}

MultiHeadAttention::Memory MultiHeadAttention::project_keys(const Variable& key, const Variable& value,
                                                            const Tensor& mask) const {
  const Variable& given_value = value.defined() ? value : key;
  if (in_proj_weight.defined())
    check_shapes("multi-head attention", {{"key", key.value(), "B S E"},
                                          {"value", given_value.value(), "B S E"},
                                          {"out_proj.weight", out_proj.weight.value(), "E E"}});
  else
    check_shapes("multi-head attention", {{"key", key.value(), "B S K"},
                                          {"k_proj_weight", k_proj_weight.value(), "P K"},
                                          {"value", given_value.value(), "B S V"},
                                          {"v_proj_weight", v_proj_weight.value(), "P V"}});
  const std::int64_t e = out_proj.weight.size(0), k = e / heads * kv_heads;
  const auto part = [&](const Variable& x, const Variable& own, std::int64_t begin, std::int64_t end) {
    const Variable w = in_proj_weight.defined() ? rows(in_proj_weight, begin, end) : own;
    return linear(without_hidden(x, mask), w, rows(in_proj_bias, begin, end));
  };
  if (!value.defined() && in_proj_weight.defined()) {
    const Variable both = part(key, {}, e, to_end);
    return {by_head(slice(both, -1, 0, k), kv_heads), by_head(slice(both, -1, k, to_end), kv_heads)};
  }
  return {by_head(part(key, k_proj_weight, e, e + k), kv_heads),
          by_head(part(given_value, v_proj_weight, e + k, to_end), kv_heads)};
}

// Where the three weights are one, so is their product.
MultiHeadAttention::Projected MultiHeadAttention::project_self(const Variable& x, const RotaryAngles& angles) const {
  const std::int64_t e = out_proj.weight.size(0), k = e / heads * kv_heads;
  Projected p;
  if (in_proj_weight.defined()) {
    const Variable all = linear(x, in_proj_weight, in_proj_bias);
    p = {by_head(slice(all, -1, 0, e), heads),
         {by_head(slice(all, -1, e, e + k), kv_heads), by_head(slice(all, -1, e + k, to_end), kv_heads)}};
  } else {
    p = {project_query(x), project_keys(x)};
  }
  if (!angles.cosine.defined()) return p;
  return {rotary(p.query, angles), {rotary(p.memory.key, angles), p.memory.value}};
}

MultiHeadAttention::Output MultiHeadAttention::attend(const Inputs& in, const Variable& query,
                                                      const Memory& memory) const {
  check_mask(in.mask, query, memory);
  AttentionOptions options{.mask = mask_by_head(in.mask), .causal = in.causal};
  Output result;
  if (in.need_weights) result.weights = attention_weights(query, memory.key, in.bias, options);
  const AttentionOptions undropped = options;
  if (dropout.training) options.dropout = dropout.p, options.generator = in.generator;
  Variable of_heads = scaled_dot_product_attention(query, memory.key, memory.value, in.bias, options);
  if (detail::recording_attention())
    record_attention(*this,
                     record_heads(query, memory.key, memory.value, in.bias, undropped, result.weights, of_heads));
  const Variable context = transpose(of_heads, 1, 2);
  result.y = out_proj.forward(reshape(context, {context.size(0), context.size(1), out_proj.weight.size(0)}));
  return result;
}

MultiHeadAttention::Output MultiHeadAttention::forward(const Inputs& in) const {
  check_query(*this, in);
  if (in.key.defined() || in.value.defined()) {
    check_self_only(in);
    const Memory memory = project_keys(in.key.defined() ? in.key : in.query, in.value, in.mask);
    return attend(in, project_query(in.query), memory);
  }
  const Projected p = project_self(without_hidden(in.query, in.mask), in.rotary);
  return attend(in, p.query, p.memory);
}

MultiHeadAttention::Output MultiHeadAttention::forward(const Inputs& in, const Memory& memory) const {
  check_query_only(*this, in);
  check_self_only(in);
  return attend(in, project_query(in.query), memory);
}

MultiHeadAttention::Output MultiHeadAttention::forward(const Inputs& in, KeyValueCache& cache) const {
  check_query_only(*this, in);
  const std::int64_t before = cache.length(), all = before + in.query.size(1);
  const bool whole = in.mask.defined() && in.mask.rank() >= 2 && in.mask.size(-1) == all;
  const Tensor of_these = whole ? slice(in.mask, -1, before, to_end) : Tensor();
  const Projected p = project_self(without_hidden(in.query, of_these), in.rotary);
  if (p.memory.key.requires_grad())
    throw GradError("multi-head attention: a cache keeps no gradients, and they are recorded: NoGrad stops that");
  return keep_length_on_error(cache, [&] {
    cache.append(p.memory.key.value(), p.memory.value.value());
    return attend(in, p.query, {cache.keys(), cache.values()});
  });
}

KeyValueCache MultiHeadAttention::make_cache(std::int64_t batch, std::int64_t capacity) const {
  return KeyValueCache({.batch = batch,
                        .kv_heads = kv_heads,
                        .capacity = capacity,
                        .width = out_proj.weight.size(0) / heads,
                        .dtype = out_proj.weight.dtype()});
}

namespace {

// Rows [G·K, ..] of key or value heads -> the means of `into` groups of them.
Tensor mean_heads(const Tensor& rows, std::int64_t heads, std::int64_t into) {
  Shape parts{into, heads / into, rows.size(0) / heads};
  if (rows.rank() == 2) parts = {into, heads / into, rows.size(0) / heads, rows.size(1)};
  const Tensor means = mean(reshape(rows, parts), {1});
  Shape joined{rows.size(0) / heads * into};
  if (rows.rank() == 2) joined = {rows.size(0) / heads * into, rows.size(1)};
  return reshape(means, joined);
}

}  // namespace

MultiHeadAttention with_kv_heads(const MultiHeadAttention& attention, std::int64_t kv_heads) {
  const std::int64_t e = attention.out_proj.weight.size(0), there = attention.kv_heads, k = e / attention.heads * there;
  if (kv_heads <= 0 || there % kv_heads != 0)
    throw ShapeError(fmt::format("multi-head attention: {} key and value heads do not make {}", there, kv_heads));
  const bool one = attention.in_proj_weight.defined();
  MultiHeadAttention result({.embed = e,
                             .heads = attention.heads,
                             .kv_heads = kv_heads,
                             .key = one ? 0 : attention.k_proj_weight.size(1),
                             .value = one ? 0 : attention.v_proj_weight.size(1),
                             .bias = attention.in_proj_bias.defined(),
                             .dropout = attention.dropout.p,
                             .dtype = attention.out_proj.weight.dtype()},
                            ParameterSource::zeros());
  const auto pooled = [&](const Tensor& rows) { return mean_heads(rows, there, kv_heads); };
  const auto joined = [&](const Tensor& all) {
    return Parameter(
        concat({slice(all, 0, 0, e), pooled(slice(all, 0, e, e + k)), pooled(slice(all, 0, e + k, to_end))}, 0));
  };
  if (one)
    result.in_proj_weight = joined(attention.in_proj_weight.value());
  else {
    result.q_proj_weight = attention.q_proj_weight;
    result.k_proj_weight = Parameter(pooled(attention.k_proj_weight.value()));
    result.v_proj_weight = Parameter(pooled(attention.v_proj_weight.value()));
  }
  if (attention.in_proj_bias.defined()) result.in_proj_bias = joined(attention.in_proj_bias.value());
  result.out_proj = attention.out_proj;
  result.dropout = attention.dropout;
  return result;
}

MultiHeadAttention::Memory reorder_memory(const MultiHeadAttention::Memory& memory, const Tensor& rows) {
  return {index_select(memory.key, 0, rows), index_select(memory.value, 0, rows)};
}

}  // namespace heed::nn
