// Transformer encoder layers, one on the other.
#pragma once

#include <vector>

#include "heed/nn/transformer/encoder_layer.h"

namespace heed::nn {

/// As torch.nn.TransformerEncoder, but that every layer starts from draws of its own (PyTorch copies one). Parameters:
/// layers.0 and so on, and with a final norm norm.weight and norm.bias.
struct TransformerEncoder {
  struct Config {
    TransformerLayerConfig layer = {};
    std::int64_t layers = 6;
    bool final_norm = false;  ///< what pre-norm layers need, and torch.nn.Transformer has anyhow
  };
  using Inputs = TransformerEncoderLayer::Inputs;

  struct Output {
    Variable y;                          ///< [B, T, E]
    std::vector<Variable> weights = {};  ///< of each layer [B, H, T, S], where they are needed
  };

  /// One for each layer.
  using Cache = std::vector<KeyValueCache>;

  /// ShapeError unless the number of layers is positive; errors of the layers.
  TransformerEncoder(const Config& config, const ParameterSource& source);

  /// A position that no query may attend to counts as 0 where it is not finite. ShapeError, DTypeError; Error where
  /// dropout lacks a generator.
  Output forward(const Inputs& in) const;

  /// For positions that come a few at a time, as MultiHeadAttention's: after an error the caches are as they were.
  Output forward(const Inputs& in, Cache& cache) const;

  Cache make_cache(std::int64_t batch, std::int64_t capacity) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("layers", self.layers);
    visitor("norm", self.norm);
  }

  ModuleList<TransformerEncoderLayer> layers;
  LayerNorm norm;
  bool final_norm;

 private:
  Output run(const Inputs& in, Cache* cache) const;
};

}  // namespace heed::nn
