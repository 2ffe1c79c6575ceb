#include "heed/nn/transformer/decoder.h"

#include <fmt/format.h>

#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/without_hidden.h"
#include "heed/nn/transformer/internal/sublayer.h"

namespace heed::nn {
namespace {

ModuleList<TransformerDecoderLayer> stack_of(const TransformerDecoder::Config& c, const ParameterSource& source) {
  check_sizes("transformer decoder", {{"layers", c.layers}});
  ModuleList<TransformerDecoderLayer> layers;
  for (std::int64_t i = 0; i < c.layers; ++i) layers.emplace_back(c.layer, source);
  return layers;
}

}  // namespace

TransformerDecoder::TransformerDecoder(const Config& c, const ParameterSource& source)
    : layers(stack_of(c, source)), norm(norm_config(c.layer, c.final_norm), source), final_norm(c.final_norm) {}

TransformerDecoder::Output TransformerDecoder::forward(const Inputs& in) const { return run(in, nullptr); }

TransformerDecoder::Output TransformerDecoder::forward(const Inputs& in, Cache& cache) const {
  if (cache.size() != layers.size())
    throw ShapeError(fmt::format("transformer decoder: {} caches for {} layers", cache.size(), layers.size()));
  std::vector<std::int64_t> before;
  for (const TransformerDecoderLayer::Cache& layer : cache) before.push_back(layer.self.length());
  try {
    return run(in, &cache);
  } catch (...) {
    for (std::size_t i = 0; i < cache.size(); ++i) cache[i].self.truncate(before[i]);
    throw;
  }
}

TransformerDecoder::Output TransformerDecoder::run(const Inputs& in, Cache* cache) const {
  Output result{in.x};
  Inputs next = in;
  if (!cache) next.memory = without_hidden(in.memory, in.memory_mask);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    next.x = result.y;
    auto found = cache ? layers[i].forward(next, (*cache)[i]) : layers[i].forward(next);
    result.y = found.y;
    if (!in.need_weights) continue;
    result.self_weights.push_back(found.self_weights);
    result.memory_weights.push_back(found.memory_weights);
  }
  if (final_norm) result.y = norm.forward(result.y);
  return result;
}

TransformerDecoder::Cache TransformerDecoder::make_cache(const Variable& memory, const Tensor& memory_mask,
                                                         std::int64_t capacity) const {
  Cache cache;
  for (const TransformerDecoderLayer& layer : layers) cache.push_back(layer.make_cache(memory, memory_mask, capacity));
  return cache;
}

}  // namespace heed::nn
