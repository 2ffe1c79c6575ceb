// A recurrent network that gives every token of a sequence a class: embedding, layer, linear.
#pragma once

#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/recurrent.h"

namespace heed::examples {

template <class Cell>
struct Tagger {
  struct Config {
    std::int64_t vocabulary = 0, classes = 0;
    std::int64_t embedding = 16;
    typename Cell::Config cell;  ///< its input is `embedding`
    bool bidirectional = false;
  };

  Tagger(Config c, const nn::ParameterSource& source)
      : embedding({.num_embeddings = c.vocabulary, .embedding_dim = c.embedding}, source),
        rnn({.cell = with_input(c), .bidirectional = c.bidirectional}, source),
        output({.in = (c.bidirectional ? 2 : 1) * c.cell.hidden, .out = c.classes}, source) {}

  /// ids [B, T] -> logits [B, T, classes]
  Variable forward(const Tensor& ids) const { return output.forward(states(ids)); }
  /// ids [B, T] -> logits [B, classes] of the last token
  Variable last(const Tensor& ids) const { return output.forward(select(states(ids), 1, -1)); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("rnn", self.rnn);
    visitor("output", self.output);
  }

  nn::Embedding embedding;
  nn::Recurrent<Cell> rnn;
  nn::Linear output;

 private:
  static typename Cell::Config with_input(Config& c) {
    c.cell.input = c.embedding;
    return c.cell;
  }
  Variable states(const Tensor& ids) const { return rnn.forward({.x = embedding.forward(ids)}).output; }
};

}  // namespace heed::examples
