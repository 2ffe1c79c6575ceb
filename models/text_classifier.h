// Classifiers of texts: a bag of word vectors, in which the order of words is lost, and a recurrent network that reads
// the words forwards and backwards.
//
// B texts, T words of the longest, V words, E embedding, H hidden units, C classes.
#pragma once

#include <cstdint>
#include <span>

#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/rnn/lstm.h"

namespace heed::models {

struct TextClassifierConfig {
  std::int64_t vocabulary = 0, classes = 0;
  std::int64_t embedding = 64, hidden = 64;  ///< hidden: of each direction; unused by the bag
  double dropout = 0;                        ///< of the word vectors and of what the output layer reads, in training
  DType dtype = DType::f32;
};

/// logits = W·(Σ_t e_t / T_b) + b, e_t the vectors of the text's words; 0 in place of the mean for a text without
/// words.
class BagClassifier {
 public:
  using Config = TextClassifierConfig;

  /// ShapeError unless all sizes are positive, Error unless 0 <= dropout <= 1.
  BagClassifier(const Config& config, const nn::ParameterSource& source);

  /// Logits [B, C] of ids [B, T] i64, with lengths in [0, T] for each text (empty: all T); what stands behind a text is
  /// not looked at. With a generator for dropout the model is in training. ShapeError, IndexError.
  Variable forward(const Tensor& ids, std::span<const std::int64_t> lengths, Generator* dropout = nullptr) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding_);
    visitor("output", self.output_);
  }

  const Config& config() const { return config_; }

 private:
  nn::Embedding embedding_;
  nn::Linear output_;
  Config config_;
};

/// logits = W·[h→; h←] + b: the last state forwards and the last one backwards, of a text's own words.
template <class Cell>
class RecurrentClassifier {
 public:
  using Config = TextClassifierConfig;

  /// As BagClassifier.
  RecurrentClassifier(const Config& config, const nn::ParameterSource& source);
  Variable forward(const Tensor& ids, std::span<const std::int64_t> lengths, Generator* dropout = nullptr) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding_);
    visitor("rnn", self.rnn_);
    visitor("output", self.output_);
  }

  const Config& config() const { return config_; }

 private:
  nn::Embedding embedding_;
  nn::Recurrent<Cell> rnn_;
  nn::Linear output_;
  Config config_;
};

using GruClassifier = RecurrentClassifier<nn::GruCell>;
using LstmClassifier = RecurrentClassifier<nn::LstmCell>;

}  // namespace heed::models
