// Recurrent language models: the latent-variable autoregressive model h_t = g(h_{t-1}, x_t), p(x_{t+1}) = softmax(W h_t
// + b) with g an Elman network (1990), an LSTM (Hochreiter and Schmidhuber 1997) or a GRU (Cho et al. 2014).
//
// B sequences, T positions, V tokens, H hidden units.
#pragma once

#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/rnn/lstm.h"
#include "heed/nn/rnn/rnn.h"

namespace heed::models {

struct RecurrentLmConfig {
  std::int64_t vocabulary = 0;
  std::int64_t embedding = 64, hidden = 256;
  std::int64_t layers = 1;
  double dropout = 0;  ///< of the embedded tokens and of the output of every layer, in training
  DType dtype = DType::f32;
};

template <class Cell>
class RecurrentLm {
 public:
  using Config = RecurrentLmConfig;
  using State = typename Cell::State;

  struct Output {
    Variable logits;    ///< [B, T, V]: of the token after each
    State final_state;  ///< to go on from: forward(more, final_state) reads on
  };

  /// ShapeError unless all sizes are positive, Error unless 0 <= dropout <= 1.
  RecurrentLm(const Config& c, const nn::ParameterSource& source)
      : embedding_({.num_embeddings = c.vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, source),
        rnn_({.cell = {.input = c.embedding, .hidden = c.hidden, .dtype = c.dtype},
              .layers = c.layers,
              .dropout = c.dropout},
             source),
        output_({.in = c.hidden, .out = c.vocabulary, .dtype = c.dtype}, source),
        dropout_({.p = c.dropout}),
        config_(c) {}

  /// ids [B, T] i64; `state` is [layers, B, H] each, an empty one zeros. Where there is a generator the model drops,
  /// unless nn::set_training says that it is not in training. ShapeError, IndexError.
  Output forward(const Tensor& ids, const State& state = {}, Generator* dropout = nullptr) const {
    const auto drop = [&](const Variable& x) { return dropout ? dropout_.forward(x, *dropout) : x; };
    auto read = rnn_.forward({.x = drop(embedding_.forward(ids)), .initial_state = state, .dropout = dropout});
    return {output_.forward(drop(read.output)), std::move(read.final_state)};
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding_);
    visitor("rnn", self.rnn_);
    visitor("output", self.output_);
    visitor("dropout", self.dropout_);
  }

  const Config& config() const { return config_; }

 private:
  nn::Embedding embedding_;
  nn::Recurrent<Cell> rnn_;
  nn::Linear output_;
  nn::Dropout dropout_;
  Config config_;
};

using RnnLm = RecurrentLm<nn::RnnCell>;
using LstmLm = RecurrentLm<nn::LstmCell>;
using GruLm = RecurrentLm<nn::GruCell>;

}  // namespace heed::models
