#include "heed/nn/transformer/encoder.h"

#include <fmt/format.h>

#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/without_hidden.h"
#include "heed/nn/transformer/internal/sublayer.h"

namespace heed::nn {
namespace {

ModuleList<TransformerEncoderLayer> stack_of(const TransformerEncoder::Config& c, const ParameterSource& source) {
  check_sizes("transformer encoder", {{"layers", c.layers}});
  ModuleList<TransformerEncoderLayer> layers;
  for (std::int64_t i = 0; i < c.layers; ++i) layers.emplace_back(c.layer, source);
  return layers;
}

}  // namespace

TransformerEncoder::TransformerEncoder(const Config& c, const ParameterSource& source)
    : layers(stack_of(c, source)), norm(norm_config(c.layer, c.final_norm), source), final_norm(c.final_norm) {}

TransformerEncoder::Output TransformerEncoder::forward(const Inputs& in) const { return run(in, nullptr); }

TransformerEncoder::Output TransformerEncoder::forward(const Inputs& in, Cache& cache) const {
  if (cache.size() != layers.size())
    throw ShapeError(fmt::format("transformer encoder: {} caches for {} layers", cache.size(), layers.size()));
  std::vector<std::int64_t> before;
  for (const KeyValueCache& layer : cache) before.push_back(layer.length());
  try {
    return run(in, &cache);
  } catch (...) {
    for (std::size_t i = 0; i < cache.size(); ++i) cache[i].truncate(before[i]);
    throw;
  }
}

TransformerEncoder::Output TransformerEncoder::run(const Inputs& in, Cache* cache) const {
  Output result{cache ? in.x : without_hidden(in.x, in.mask)};
  Inputs next = in;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    next.x = result.y;
    auto found = cache ? layers[i].forward(next, (*cache)[i]) : layers[i].forward(next);
    result.y = found.y;
    if (in.need_weights) result.weights.push_back(found.weights);
  }
  if (final_norm) result.y = norm.forward(result.y);
  return result;
}

TransformerEncoder::Cache TransformerEncoder::make_cache(std::int64_t batch, std::int64_t capacity) const {
  Cache cache;
  for (const TransformerEncoderLayer& layer : layers) cache.push_back(layer.self_attn.make_cache(batch, capacity));
  return cache;
}

}  // namespace heed::nn
