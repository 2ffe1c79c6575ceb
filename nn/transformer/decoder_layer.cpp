#include "heed/nn/transformer/decoder_layer.h"

#include "heed/nn/internal/keep_lengths.h"
#include "heed/nn/internal/without_hidden.h"
#include "heed/nn/transformer/internal/sublayer.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {

void TransformerDecoderLayer::Cache::reorder(const Tensor& rows) {
  MultiHeadAttention::Memory reordered = reorder_memory(memory, rows);
  self.reorder(rows);
  memory = std::move(reordered);
}

TransformerDecoderLayer::TransformerDecoderLayer(const Config& c, const ParameterSource& source)
    : self_attn(attention_config(c), source),
      multihead_attn(attention_config(c), source),
      feed_forward(c, source),
      norm1(norm_config(c), source),
      norm2(norm_config(c), source),
      norm3(norm_config(c), source),
      dropout({.p = c.dropout}),
      norm_first(c.norm_first) {}

TransformerDecoderLayer::Output TransformerDecoderLayer::forward(const Inputs& in) const {
  check_shapes("transformer decoder layer", {{"x", in.x.value(), "B T E"}, {"memory", in.memory.value(), "B S E"}});
  return run(in, nullptr);
}

TransformerDecoderLayer::Output TransformerDecoderLayer::forward(const Inputs& in, Cache& cache) const {
  if (in.memory.defined()) throw Error("transformer decoder layer: memory is given, and the cache has one");
  return keep_length_on_error(cache, [&] { return run(in, &cache); });
}

TransformerDecoderLayer::Cache TransformerDecoderLayer::make_cache(const Variable& memory, const Tensor& memory_mask,
                                                                   std::int64_t capacity) const {
  MultiHeadAttention::Memory projected = multihead_attn.project_keys(memory, {}, memory_mask);
  return {self_attn.make_cache(memory.size(0), capacity), std::move(projected)};
}

TransformerDecoderLayer::Output TransformerDecoderLayer::run(const Inputs& in, Cache* cache) const {
  const SublayerSetting setting{norm_first, dropout, in.generator};
  Output result;
  const Variable self = sublayer(cache ? in.x : without_hidden(in.x, in.mask), norm1, setting, [&](const Variable& x) {
    const MultiHeadAttention::Inputs asked{
        .query = x, .mask = in.mask, .causal = in.causal, .generator = in.generator, .need_weights = in.need_weights};
    auto found = cache ? self_attn.forward(asked, cache->self) : self_attn.forward(asked);
    result.self_weights = found.weights;
    return found.y;
  });
  const Variable read = sublayer(self, norm2, setting, [&](const Variable& x) {
    MultiHeadAttention::Inputs asked{
        .query = x, .mask = in.memory_mask, .generator = in.generator, .need_weights = in.need_weights};
    if (!cache) asked.key = in.memory;
    auto found = cache ? multihead_attn.forward(asked, cache->memory) : multihead_attn.forward(asked);
    result.memory_weights = found.weights;
    return found.y;
  });
  result.y =
      sublayer(read, norm3, setting, [&](const Variable& x) { return feed_forward.forward(x, dropout, in.generator); });
  return result;
}

}  // namespace heed::nn
