// Task "markov": text of a Markov chain whose entropy is known, so that the loss of a language model can be held
// against the best that any model reaches, and against the best of a model that sees fewer tokens.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct MarkovConfig {
  std::int64_t order = 2;        ///< m: tokens that the next one depends on
  std::int64_t vocabulary = 12;  ///< V
  /// Token w is of class w mod classes, and what follows depends on the classes of the last m tokens only: a model that
  /// finds out which tokens are alike needs fewer examples than a table of all contexts. V: every token is of its own.
  std::int64_t classes = 4;
  double contrast = 1.2;  ///< standard deviation of the logits; 0: all tokens equally likely
};

class MarkovChain {
 public:
  /// Draws the logits of the next token, N(0, contrast²), for each sequence of m classes. ShapeError unless order >= 1,
  /// V >= 2, 1 <= classes <= V and V^(m+1) <= 2^24; Error unless contrast is finite and not negative.
  MarkovChain(const MarkovConfig& config, Generator& generator);

  /// `count` tokens, beginning as if they were cut out of a text without end. IndexError for a negative count.
  std::vector<std::int64_t> text(std::int64_t count, Generator& generator) const;

  /// Nats per token of the best model that sees the last `context` tokens, 0 to m: the entropy of a token given these,
  /// under the stationary distribution. It falls as the context grows, and more than m tokens are worth no more than m.
  /// IndexError outside 0 to m.
  double entropy(std::int64_t context) const;

  /// What no model can go below: entropy(m).
  double entropy_rate() const { return entropy(config_.order); }

  /// p(next | context) [V^m, V] f64; the context c_1 … c_m, the oldest token first, is row Σ c_i·V^(m-i).
  const Tensor& probabilities() const { return probabilities_; }

  /// How often each context occurs in a long text [V^m, 1] f64: the fixed point of the chain.
  const Tensor& stationary() const { return stationary_; }

  const MarkovConfig& config() const { return config_; }

 private:
  MarkovConfig config_;
  Tensor probabilities_, stationary_;
};

}  // namespace heed::models
