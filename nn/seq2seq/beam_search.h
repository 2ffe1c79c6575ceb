// Beam search: the most probable output sequences of a step-by-step decoder. With beam 1 this is greedy decoding.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// What a decoder says after reading one token per row.
struct DecoderStep {
  Tensor log_probabilities;  ///< [N, V] of the next token
  Tensor weights;            ///< [N, S] attention that led to it; undefined if there is none
};

/// A decoder, as the search sees it. Its state has one row per running hypothesis.
struct Decoder {
  std::function<DecoderStep(const Tensor& tokens)> step;  ///< tokens [N] i64, the last of each hypothesis
  std::function<void(const Tensor& rows)> keep;           ///< the state's rows become state[rows[i]], rows [N'] i64
};

struct BeamSearchConfig {
  std::int64_t beam = 1;
  std::int64_t max_length = 50;  ///< tokens, the end token included
  double length_penalty = 1;     ///< hypotheses are compared by log p / length^penalty
  std::int64_t begin_token = 1, end_token = 2;
};

struct Hypothesis {
  std::vector<std::int64_t> tokens;  ///< without begin and end
  double log_probability = 0;        ///< of all tokens, the end token included if it was reached
  bool ended = false;                ///< false: max_length came first
  std::vector<std::vector<float>>
      weights;  ///< one row of S per token (the end token included), if the decoder gives any
};

/// The best hypothesis for each of `batch` sequences, for whose states the decoder holds one row each. Equal scores are
/// decided for the earlier hypothesis, then the smaller token. IndexError unless beam and max_length are positive;
/// Error when a sequence has no hypothesis that has ended and no token to continue with (all log-probabilities -∞ or
/// NaN).
std::vector<Hypothesis> beam_search(const Decoder& decoder, std::int64_t batch, const BeamSearchConfig& config);

}  // namespace heed::nn
