// Hierarchical attention network (Yang, Yang, Dyer, He, Smola and Hovy, "Hierarchical attention networks for document
// classification", NAACL 2016): words make sentences, sentences make the document, and each level has its own
// attention.
//
// B documents, M sentences of the longest, T words of the longest, H hidden units of each direction, C classes.
#pragma once

#include <cstdint>
#include <span>

#include "heed/nn/attention/pooling.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"

namespace heed::models {

struct HanOutput {
  Variable logits;            ///< [B, C]
  Variable sentence_weights;  ///< [B, M]: each row adds up to 1, or to 0 for a document without words
  Variable word_weights;      ///< [B, M, T]: each sentence's, or 0 for one without words
};

/// Both levels: annotations of a bidirectional GRU, pooled by attention (nn/attention/pooling.h). The words give the
/// sentences s_m = Σ_t w_mt·h_mt, these the document v = Σ_m w_m·h_m; logits = W·v + b. Padding and empty sentences
/// have the weight 0; an empty sentence between others is a step of zeros for the GRU, one behind the last is no step.
struct Han {
  struct Config {
    std::int64_t vocabulary = 0, classes = 0;
    std::int64_t embedding = 200, hidden = 50, attention = 100;  ///< the paper's; hidden: of each direction
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive.
  Han(const Config& config, const nn::ParameterSource& source);

  /// ids [B, M, T] i64; lengths[b·M + m] words in sentence m of document b, in [0, T], 0 where there is no sentence
  /// (empty: all T). Ids of padding must be in the vocabulary; which they are changes nothing. ShapeError, IndexError.
  HanOutput forward(const Tensor& ids, std::span<const std::int64_t> lengths) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("word_rnn", self.word_rnn);
    visitor("word_pooling", self.word_pooling);
    visitor("sentence_rnn", self.sentence_rnn);
    visitor("sentence_pooling", self.sentence_pooling);
    visitor("output", self.output);
  }

  nn::Embedding embedding;
  nn::Recurrent<nn::GruCell> word_rnn;
  nn::AttentionPooling word_pooling;
  nn::Recurrent<nn::GruCell> sentence_rnn;
  nn::AttentionPooling sentence_pooling;
  nn::Linear output;
};

}  // namespace heed::models
