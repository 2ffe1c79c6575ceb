// The Transformer between its embeddings and its output layer (Vaswani et al. 2017).
#pragma once

#include "heed/nn/transformer/stack.h"

namespace heed::nn {

/// y = decoder(target, encoder(source)), as torch.nn.Transformer(batch_first=True): state dicts have its names
/// (encoder.layers.0, encoder.norm, decoder.layers.0, decoder.norm). Weights start by Xavier's uniform rule.
struct Transformer {
  struct Config {
    TransformerLayerConfig layer = {};
    std::int64_t encoder_layers = 6, decoder_layers = 6;
    bool final_norm = true;  ///< behind the last layer of each; the paper has none
  };

  struct Inputs {
    Variable source, target;         ///< [B, S, E], [B, T, E]
    Tensor source_mask = {};         ///< [B, 1, S] for one that is padded; the decoder may not see more either
    Tensor target_mask = {};         ///< of the decoder's self-attention, which is causal anyhow
    Generator* generator = nullptr;  ///< for dropout
    bool need_weights = false;
  };

  struct Output {
    Variable y;                                                 ///< [B, T, E]
    std::vector<TransformerEncoderLayer::Output> encoder = {};  ///< what each layer gave, where weights are needed
    std::vector<TransformerDecoderLayer::Output> decoder = {};
  };

  /// Errors of TransformerStack.
  Transformer(const Config& config, const ParameterSource& source);

  /// ShapeError, DTypeError; Error where dropout lacks a generator.
  Output forward(const Inputs& in) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("encoder", self.encoder);
    visitor("decoder", self.decoder);
  }

  TransformerEncoder encoder;
  TransformerDecoder decoder;

 private:
  struct Drawn {  // the rule is in it
    ParameterSource source;
  };
  Transformer(const Config& config, const Drawn& drawn);
};

}  // namespace heed::nn
