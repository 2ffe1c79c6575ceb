// GPT: a language model of causal Transformer layers. Radford et al., "Improving language understanding by generative
// pre-training" (2018), and "Language models are unsupervised multitask learners" (2019, GPT-2).
//
// B sequences, T positions, V tokens, E the width, L layers.
//   u_0 = dropout(W_t[id] + W_p[position])                        [B, T, E]
//   u_l = layer_l(u_{l-1}), causal (nn/transformer/encoder_layer.h)
//   logits = norm(u_L)·W_tᵀ                                       [B, T, V]
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "heed/nn/embedding.h"
#include "heed/nn/positions/learned.h"
#include "heed/nn/seq2seq/sampling.h"
#include "heed/nn/transformer/stack.h"

namespace heed::models {

enum class GptPositions : std::uint8_t {
  learned,     ///< GPT's
  sinusoidal,  ///< the Transformer's
  rotary,      ///< of queries and keys in every layer, as in GPT-NeoX and Llama
  none
};

/// Defaults are GPT-2's smallest.
struct GptConfig {
  std::int64_t vocabulary = 0;
  std::int64_t context = 1024;  ///< of learned positions, beyond which there are none, and of a cache
  std::int64_t embedding = 768, heads = 12, layers = 12;
  std::int64_t kv_heads = 0;     ///< of keys and values; 0: heads
  std::int64_t feedforward = 0;  ///< 0: 4·embedding
  double dropout = 0.1;
  nn::FeedForwardActivation activation = nn::FeedForwardActivation::gelu_tanh;
  bool norm_first = true;  ///< and a norm behind the last layer; false: GPT-1's
  GptPositions positions = GptPositions::learned;
  DType dtype = DType::f32;
};

class Gpt {
 public:
  using Config = GptConfig;

  struct Inputs {
    Tensor ids;        ///< [B, T] i64
    Tensor mask = {};  ///< [B, 1, S], true = may be attended to: for padding, and S counts the cache
    std::optional<nn::Positions> positions = {};  ///< of the ids; not given: they follow what the cache holds
    Generator* generator = nullptr;               ///< for dropout
    bool need_weights = false;
    bool only_last = false;  ///< logits of the last position alone, [B, 1, V]
  };

  struct Output {
    Variable logits;                                               ///< [B, T, V]: of the token after each
    std::vector<nn::TransformerEncoderLayer::Output> layers = {};  ///< what each gave, where weights are needed
  };

  /// Keys and values of every layer, for ids that come a few at a time.
  using Cache = nn::TransformerEncoder::Cache;

  struct Generation {
    std::int64_t tokens = 100;                   ///< at most so many
    nn::SamplingConfig sampling = {};            ///< temperature 0: the most probable ones
    std::optional<std::int64_t> end_token = {};  ///< ends a sequence, and is not in it
    /// Called with each token as soon as it is drawn: the prompt's number, and the token that is written behind it.
    /// Whatever it throws ends the generation.
    std::function<void(std::size_t prompt, std::int64_t token)> on_token = {};
  };

  /// Weights start from N(0, 0.02²), those of what a layer adds (out_proj, linear2) from that over √(2L), as GPT-2's;
  /// biases from 0; the division by √(2L) is done whatever rule the source has. ShapeError unless all sizes are
  /// positive and fit, Error unless 0 <= dropout <= 1.
  Gpt(const Config& config, const nn::ParameterSource& source);

  /// ShapeError, IndexError (ids outside the vocabulary, learned positions outside the context), DTypeError; Error
  /// where dropout lacks a generator.
  Output forward(const Inputs& in) const;

  /// Where no gradient is recorded. IndexError where the cache is full; after any error it is as it was.
  Output forward(const Inputs& in, Cache& cache) const;

  Cache make_cache(std::int64_t batch) const { return stack_.make_cache(batch, config_.context); }

  /// What comes after each prompt, prompts of any lengths but 0. Each step costs what the tokens so far do, no more.
  /// Beyond the context the model reads on from the last half of it. Without draws (temperature 0) a prompt's
  /// continuation does not depend on the others beside it, but for rounding. Records no gradient. ShapeError,
  /// IndexError; Error for settings that mean nothing, and where the model drops (nn::set_training(model, false) stops
  /// that).
  std::vector<std::vector<std::int64_t>> generate(const std::vector<std::vector<std::int64_t>>& prompts,
                                                  const Generation& config, Generator& generator) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding_);
    if (!self.learned_.empty()) visitor("positions", self.learned_[0]);
    visitor("layers", self.stack_.layers);
    visitor("norm", self.stack_.norm);
    visitor("output.weight", self.embedding_.weight);
    visitor("dropout", self.dropout_);
  }

  const Config& config() const { return config_; }

 private:
  struct Drawn {  // the rule is in it
    nn::ParameterSource source;
  };
  Gpt(const Config& config, const Drawn& drawn);

  Output run(const Inputs& in, const nn::Positions& positions, Cache* cache) const;

  nn::Embedding embedding_;
  nn::ModuleList<nn::LearnedPositions> learned_;  // one or none
  nn::TransformerEncoder stack_;
  nn::Dropout dropout_;
  Config config_;
};

}  // namespace heed::models
