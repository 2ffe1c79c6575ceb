// Transformer layers, one on the other.
#pragma once

#include <vector>

#include "heed/nn/transformer/decoder_layer.h"
#include "heed/nn/transformer/encoder_layer.h"

namespace heed::nn {

/// As torch.nn.TransformerEncoder and TransformerDecoder, but that every layer starts from draws of its own (PyTorch
/// copies one). Parameters: layers.0 and so on, and with a final norm norm.weight and norm.bias.
template <class Layer>
struct TransformerStack {
  struct Config {
    TransformerLayerConfig layer = {};
    std::int64_t layers = 6;
    bool final_norm = false;  ///< what pre-norm layers need, and torch.nn.Transformer has anyhow
  };
  using Inputs = typename Layer::Inputs;

  struct Output {
    Variable y;                                       ///< [B, T, E]
    std::vector<typename Layer::Output> layers = {};  ///< what each layer gave, where weights are needed
  };

  /// One for each layer.
  using Cache = std::vector<typename Layer::Cache>;

  /// ShapeError unless the number of layers is positive; errors of the layers.
  TransformerStack(const Config& config, const ParameterSource& source);

  /// ShapeError, DTypeError; Error where dropout lacks a generator.
  Output forward(const Inputs& in) const { return run(in, nullptr); }

  /// For positions that come a few at a time, as the layer's: after an error the caches are as they were.
  Output forward(const Inputs& in, Cache& cache) const;

  /// A cache for each layer, made of what its make_cache() takes.
  template <class... Given>
  Cache make_cache(const Given&... given) const {
    Cache cache;
    for (const Layer& layer : layers) cache.push_back(layer.make_cache(given...));
    return cache;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("layers", self.layers);
    visitor("norm", self.norm);
  }

  ModuleList<Layer> layers;
  LayerNorm norm;
  bool final_norm;

 private:
  Output run(const Inputs& in, Cache* cache) const;
};

extern template struct TransformerStack<TransformerEncoderLayer>;
extern template struct TransformerStack<TransformerDecoderLayer>;

using TransformerEncoder = TransformerStack<TransformerEncoderLayer>;
using TransformerDecoder = TransformerStack<TransformerDecoderLayer>;

}  // namespace heed::nn
