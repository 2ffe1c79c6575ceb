// The Transformer as a translator. Vaswani et al., "Attention is all you need", NeurIPS 2017.
//
// B sentences, S source and T target positions, E the width, V target words.
//   u = dropout(√E·W_s[source] + PE), v = dropout(√E·W_t[target] + PE), PE sinusoidal      [B, S, E], [B, T, E]
//   y = decoder(v, encoder(u)) (nn/transformer/transformer.h)                              [B, T, E]
//   logits = y·W_tᵀ                                                                        [B, T, V]
#pragma once

#include <vector>

#include "heed/models/source_batch.h"
#include "heed/nn/embedding.h"
#include "heed/nn/seq2seq/beam_search.h"
#include "heed/nn/transformer/transformer.h"

namespace heed::models {

/// Defaults are those of the paper's base model.
struct TransformerConfig {
  std::int64_t source_vocabulary = 0, target_vocabulary = 0;
  std::int64_t embedding = 512, heads = 8, layers = 6, feedforward = 2048;  ///< layers: of the encoder and the decoder
  double dropout = 0.1;
  bool norm_first = false;  ///< true: pre-norm layers, and a norm behind the last of each
  bool positions = true;    ///< false: the model sees a bag of words
  DType dtype = DType::f32;
};

struct TransformerOutput {
  Variable logits;                                                ///< [B, T, V]
  std::vector<nn::TransformerEncoderLayer::Output> encoder = {};  ///< what each layer gave, where weights are needed
  std::vector<nn::TransformerDecoderLayer::Output> decoder = {};
};

class Transformer {
 public:
  using Config = TransformerConfig;

  struct Inputs {
    SourceBatch source;
    Tensor target;                   ///< [B, T] i64, begins with the begin token
    Generator* generator = nullptr;  ///< for dropout
    bool need_weights = false;
  };

  /// Embeddings start from N(0, 1/E), what reads them is as large as a position; layers by Xavier's uniform rule.
  /// ShapeError unless all sizes are positive and fit, Error unless 0 <= dropout <= 1.
  Transformer(const Config& config, const nn::ParameterSource& source);

  /// Scores of every next target word given the words before it (teacher forcing). ShapeError when source, lengths and
  /// target do not fit, IndexError for ids outside the vocabularies; Error where dropout lacks a generator.
  TransformerOutput forward(const Inputs& in) const;

  /// The most probable translation of each sentence. Its weights are those of the last layer's attention to the source,
  /// the mean over heads. Takes memory for max_length positions at once. Records no gradient; Error where the model
  /// drops (nn::set_training(model, false) stops that).
  std::vector<nn::Hypothesis> translate(const SourceBatch& source, const nn::BeamSearchConfig& search) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("source_embedding", self.source_embedding_);
    visitor("target_embedding", self.target_embedding_);
    visitor("encoder", self.transformer_.encoder);
    visitor("decoder", self.transformer_.decoder);
    visitor("output.weight", self.target_embedding_.weight);
    visitor("dropout", self.dropout_);
  }

  const Config& config() const { return config_; }

 private:
  // Tokens at positions from `first` on.
  Variable embed(const nn::Embedding& embedding, const Tensor& ids, std::int64_t first, Generator* generator) const;

  nn::Embedding source_embedding_, target_embedding_;
  nn::Transformer transformer_;
  nn::Dropout dropout_;
  Config config_;
};

}  // namespace heed::models
