// An encoder, a decoder and any attention between them, for tasks that translate (models/tasks/sequence_pair.h).
#pragma once

#include "examples/attention_grid/reader.h"
#include "heed/models/tasks/sequence_pair.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"

namespace heed::examples {

/// Who asks, at the target word t. Luong: the state s_t, which has read word t - 1; c_t goes into the word alone.
/// Bahdanau: the state before, s_{t-1}, and c_t goes into s_t.
enum class Asking : std::uint8_t { state, previous_state };

/// The target one word later, with the word `begin` in front: [B, T] i64, what a decoder has read when it tells word t.
Tensor words_before(const Tensor& target, std::int64_t begin);

struct PairTranslatorConfig {
  std::int64_t vocabulary = 20;  ///< of both sides
  std::int64_t positions = 20;   ///< the longest source, for the location score
  std::int64_t width = 32;
  std::int64_t window = 2;      ///< D of the local aligns
  bool reads_both_ways = true;  ///< an encoder; else the keys are words and their places alone
  Asking asking = Asking::state;
  std::function<models::SequencePair(Generator&)> draw = {};
};

/// Words and places (sinusoidal) make vectors x on both sides; keys and values are a bidirectional GRU's states of x,
/// or x itself. The decoder is a GRU that starts from 0: all it learns of the source it learns from attention.
///   state:           s_t = GRU(s_{t-1}; y_{t-1}), c_t = attend(s_t)
///   previous state:  c_t = attend(s_{t-1}), s_t = GRU(s_{t-1}; [y_{t-1}; c_t])
/// Both tell word t by a layer of tanh(W [c_t; s_t]). Target words are given while it trains and while it is tested.
class PairTranslator final : public Reader {
 public:
  PairTranslator(const PairTranslatorConfig& config, const AttentionMaker& make, const nn::ParameterSource& source);

  Answers answer(std::int64_t batch, Generator& examples, Generator* draws) const override;
  std::vector<Variable> parameters() const override;

  /// The answers to these, and their weights.
  Answers translate(const models::PairBatch& pairs, Generator* draws) const;

 private:
  struct Decoded {
    Variable states;
    nn::AttentionOutput found;
  };
  Decoded ask_with_states(const Variable& y, const nn::AttentionMemory& memory, nn::AttentionCall call) const;
  Decoded ask_before(const Variable& y, const nn::AttentionMemory& memory, nn::AttentionCall call) const;

  PairTranslatorConfig config_;
  nn::Embedding source_, target_;
  nn::Gru encoder_;
  nn::Linear key_;  // in the encoder's place
  nn::Gru decoder_;
  nn::Linear readout_, output_;
  std::unique_ptr<AnyAttention> attention_;
};

}  // namespace heed::examples
