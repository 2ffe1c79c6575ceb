#include "heed/nn/transformer/stack.h"

#include <fmt/format.h>

#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/keep_lengths.h"
#include "heed/nn/transformer/internal/sublayer.h"

namespace heed::nn {
namespace {

template <class Layer>
ModuleList<Layer> layers_of(const typename TransformerStack<Layer>::Config& c, const ParameterSource& source) {
  check_sizes("transformer", {{"layers", c.layers}});
  ModuleList<Layer> layers;
  for (std::int64_t i = 0; i < c.layers; ++i) layers.emplace_back(c.layer, source);
  return layers;
}

}  // namespace

template <class Layer>
TransformerStack<Layer>::TransformerStack(const Config& c, const ParameterSource& source)
    : layers(layers_of<Layer>(c, source)), norm(norm_config(c.layer, c.final_norm), source), final_norm(c.final_norm) {}

template <class Layer>
TransformerStack<Layer>::Output TransformerStack<Layer>::forward(const Inputs& in, Cache& cache) const {
  if (cache.size() != layers.size())
    throw ShapeError(fmt::format("transformer: {} caches for {} layers", cache.size(), layers.size()));
  return keep_lengths_on_error(std::span(cache), [&] { return run(in, &cache); });
}

template <class Layer>
TransformerStack<Layer>::Output TransformerStack<Layer>::run(const Inputs& in, Cache* cache) const {
  Output result{in.x};
  Inputs next = in;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    next.x = result.y;
    typename Layer::Output found = cache ? layers[i].forward(next, (*cache)[i]) : layers[i].forward(next);
    result.y = found.y;
    if (in.need_weights) result.layers.push_back(std::move(found));
  }
  if (final_norm) result.y = norm.forward(result.y);
  return result;
}

template struct TransformerStack<TransformerEncoderLayer>;
template struct TransformerStack<TransformerDecoderLayer>;

}  // namespace heed::nn
