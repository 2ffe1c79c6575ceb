// RNNsearch: the first translation model with attention. Bahdanau, Cho and Bengio, "Neural machine translation by
// jointly learning to align and translate", ICLR 2015 (arXiv 1409.0473), appendix A.
//
// B sentences, S source and T target positions, n state, m embedding, n' alignment, l maxout units, V target words.
//   encoder    h_j = [→h_j ; ←h_j], a bidirectional GRU over the embedded source                       [B, S, 2n]
//   init state s_0 = tanh(W_s ←h_1): the backward state at the first word                              [B, n]
//   alignment  e_ij = vᵀ tanh(W_a s_{i-1} + U_a h_j): the *previous* state asks                        [B, S]
//   context    c_i = Σ_j softmax(e_i)_j h_j                                                            [B, 2n]
//   state      s_i = GRU(s_{i-1}; W E y_{i-1} + C c_i), reset gate before the product                  [B, n]
//   readout    t_i = maxout(U_o s_{i-1} + V_o E y_{i-1} + C_o c_i), logits W_o t_i                     [B, V]
#pragma once

#include <cstdint>
#include <vector>

#include "heed/models/source_batch.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/seq2seq/beam_search.h"

namespace heed::models {

/// Which state the readout sees: the paper's text and its authors' program read s_{i-1}; many later versions read s_i.
enum class ReadoutState : std::uint8_t { previous, current };

struct RnnSearchConfig {
  std::int64_t source_vocabulary = 0, target_vocabulary = 0;
  std::int64_t embedding = 620;   ///< m
  std::int64_t hidden = 1000;     ///< n
  std::int64_t alignment = 1000;  ///< n'
  std::int64_t maxout = 500;      ///< l
  ReadoutState readout_state = ReadoutState::previous;
  double stddev = 0.01;  ///< of the normal draws all weights but the recurrent and alignment ones start from
  DType dtype = DType::f32;
};

struct RnnSearchOutput {
  Variable logits;   ///< [B, T, V]
  Variable weights;  ///< [B, T, S], the alignment
};

class RnnSearch {
 public:
  using Config = RnnSearchConfig;

  /// Initial values as in the paper: recurrent matrices orthogonal, W_a and U_a from N(0, 0.001²), v and biases 0, all
  /// other weights from N(0, stddev²). ShapeError unless all sizes are positive.
  RnnSearch(const Config& config, const nn::ParameterSource& source);

  /// Scores of every next target word given the words before it (teacher forcing): target [B, T] i64 begins with the
  /// begin token. ShapeError when source, lengths and target do not fit, IndexError for ids outside the vocabularies
  /// (negative ones count from the end, as everywhere).
  RnnSearchOutput forward(const SourceBatch& source, const Tensor& target) const;

  /// The most probable translation of each sentence, with its alignment. Records no gradient.
  std::vector<nn::Hypothesis> translate(const SourceBatch& source, const nn::BeamSearchConfig& search) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("source_embedding", self.source_embedding_);
    visitor("target_embedding", self.target_embedding_);
    visitor("encoder", self.encoder_);
    visitor("init_state", self.init_state_);
    visitor("attention", self.attention_);
    visitor("token_gates", self.token_gates_);
    visitor("decoder", self.decoder_);
    visitor("readout_state", self.readout_state_);
    visitor("readout_token", self.readout_token_);
    visitor("readout_context", self.readout_context_);
    visitor("output", self.output_);
  }

  const Config& config() const { return config_; }

 private:
  struct Encoded {
    nn::AttentionMemory memory;
    Variable initial_state;  // s_0 [B, n]
  };
  struct Step {
    Variable context, weights, state;  // [B, 2n], [B, S], s_i [B, n]
  };

  // Attention draws its parameters from `source`, all other layers from `paper`.
  RnnSearch(const Config& config, const nn::ParameterSource& source, const nn::ParameterSource& paper);

  Encoded encode(const SourceBatch& source) const;
  Step step(const Variable& token_gates, const Variable& state, const nn::AttentionMemory& memory) const;
  Variable read_out(const Variable& state, const Variable& token, const Variable& context) const;

  nn::Embedding source_embedding_, target_embedding_;
  nn::Gru encoder_;
  nn::Linear init_state_;
  nn::AdditiveAttention attention_;
  nn::Linear token_gates_;  // W of all three gates, with their bias
  nn::GruCell decoder_;     // C and U of all three gates: its input is the context
  nn::Linear readout_state_, readout_token_, readout_context_, output_;
  Config config_;
};

}  // namespace heed::models
