// A Transformer's encoder that reads a sentence and gives the word at one place a class: all that it knows of the
// others it has read by self-attention.
#pragma once

#include <string>
#include <vector>

#include "heed/models/tasks/word_list.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/plot/attention_page.h"
#include "heed/nn/transformer/stack.h"

namespace heed::examples {

struct SentenceReader {
  struct Config {
    std::int64_t vocabulary = 0, classes = 0;
    std::int64_t width = 32, layers = 2;  ///< pre-norm layers of one head, so that a row of weights is all it reads
  };

  SentenceReader(const Config& config, const nn::ParameterSource& source);

  /// The word at `position` of each sentence: ids [B, T] -> logits [B, classes].
  Variable forward(const Tensor& ids, std::int64_t position) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("encoder", self.encoder);
    visitor("output", self.output);
  }

  nn::Embedding embedding;
  nn::TransformerEncoder encoder;
  nn::Linear output;
};

/// What each layer looks at, [B, 1, T, T].
std::vector<Tensor> layer_weights(const SentenceReader& reader, const Tensor& ids);

/// The words of sentence `row` of ids [B, T].
std::vector<std::string> words_of(const models::WordList& list, const Tensor& ids, std::int64_t row);

/// The weights [N, H, T, T] of one layer for the first N sentences of ids [B, T], for the page.
std::vector<nn::AttentionMap> sentence_maps(const std::string& layer, const Tensor& weights,
                                            const models::WordList& list, const Tensor& ids);

}  // namespace heed::examples
