// BERT: an encoder that reads to both sides. Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of deep
// bidirectional Transformers for language understanding", NAACL 2019.
//
// B texts, T positions, V tokens, E the width.
//   u = dropout(norm(W_t[id] + W_p[position] + W_s[segment]))                              [B, T, E]
//   y = encoder(u): post-norm layers, exact gelu (nn/transformer/stack.h)                [B, T, E]
//   masked tokens  norm(gelu(W y + b))·W_tᵀ + b_o                                          [.., V]
//   next sentence  W_n tanh(W y_0 + b) + b_n, of the first token                           [B, 2]
#pragma once

#include <vector>

#include "heed/nn/embedding.h"
#include "heed/nn/positions/learned.h"
#include "heed/nn/transformer/stack.h"

namespace heed::models {

/// Defaults are those of the paper's base model.
struct BertConfig {
  std::int64_t vocabulary = 0;
  std::int64_t positions = 512, segments = 2;
  std::int64_t embedding = 768, heads = 12, layers = 12, feedforward = 3072;
  double dropout = 0.1;
  double epsilon = 1e-12;  ///< of the norms
  DType dtype = DType::f32;
};

class Bert {
 public:
  using Config = BertConfig;

  struct Inputs {
    Tensor ids;                      ///< [B, T] i64
    Tensor segments = {};            ///< [B, T] i64: 0 for the first sentence, 1 for the second; undefined: all 0
    Tensor mask = {};                ///< [B, 1, T], true = may be attended to: for texts that are padded
    bool causal = false;             ///< for comparison: reads to the left only
    Generator* generator = nullptr;  ///< for dropout
    bool need_weights = false;
  };

  /// Weights start from N(0, 0.02²) cut at two deviations, biases from 0. ShapeError unless all sizes are positive and
  /// fit, Error unless 0 <= dropout <= 1.
  Bert(const Config& config, const nn::ParameterSource& source);

  /// ShapeError, DTypeError; IndexError for ids, segments and positions outside; Error where dropout lacks a generator.
  nn::TransformerEncoder::Output forward(const Inputs& in) const;

  /// Logits of the token at each row: y [.., E], rows of what forward() gave -> [.., V].
  Variable token_logits(const Variable& y) const;

  /// Logits of whether the second sentence followed the first (1) or not (0): y [B, T, E] -> [B, 2].
  Variable next_sentence_logits(const Variable& y) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding_);
    visitor("positions", self.positions_);
    visitor("segments", self.segments_);
    visitor("embedding_norm", self.embedding_norm_);
    visitor("encoder", self.encoder_);
    visitor("token_dense", self.token_dense_);
    visitor("token_norm", self.token_norm_);
    visitor("token_output.weight", self.embedding_.weight);
    visitor("token_output.bias", self.token_bias_);
    visitor("pooler", self.pooler_);
    visitor("next_sentence", self.next_sentence_);
    visitor("dropout", self.dropout_);
  }

  const Config& config() const { return config_; }

 private:
  struct Drawn {  // the rule is in it
    nn::ParameterSource source;
  };
  Bert(const Config& config, const Drawn& drawn);

  nn::Embedding embedding_;
  nn::LearnedPositions positions_;
  nn::Embedding segments_;
  nn::LayerNorm embedding_norm_;
  nn::TransformerEncoder encoder_;
  nn::Linear token_dense_;
  nn::LayerNorm token_norm_;
  nn::Parameter token_bias_;
  nn::Linear pooler_, next_sentence_;
  nn::Dropout dropout_;
  Config config_;
};

}  // namespace heed::models
