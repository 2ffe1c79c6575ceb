// Beam search: the best output sequences of a step-by-step decoder. With beam 1 this is greedy decoding.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// What a decoder returns for one token per row.
struct DecoderStep {
  Tensor log_probabilities;  ///< [N, V] of the next token, f32 or f64, at most 0; V is the same at every step
  Tensor weights;            ///< [N, S] attention that led to it, f32 or f64; undefined if there is none, at any step
};

/// A decoder, as the search sees it. Its state has one row per running hypothesis.
struct Decoder {
  std::function<DecoderStep(const Tensor& tokens)> step;  ///< tokens [N] i64, the last of each hypothesis
  /// rows [N'] i64: row i of the state becomes a copy of what is now its row rows[i].
  std::function<void(const Tensor& rows)> reorder;
};

struct BeamSearchConfig {
  std::int64_t beam = 1;
  std::int64_t max_length = 50;  ///< tokens, the end token included
  double length_penalty = 1;     ///< hypotheses are compared by log p / length^penalty, the end token counted
  std::int64_t begin_token = 1, end_token = 2;
};

struct Hypothesis {
  std::vector<std::int64_t> tokens;  ///< without begin and end
  double log_probability = 0;        ///< of all tokens, the end token included if it was reached
  bool ended = false;                ///< false: max_length came first
  std::vector<std::vector<float>>
      weights;  ///< one row of S per token (the end token included), if the decoder gives any
};

/// The best hypothesis for each of `batch` sequences, for whose states the decoder holds one row each: of those that
/// ended, the one with the highest score log p / length^penalty; when none ended, the most probable one of max_length
/// tokens. A sequence's search goes on as long as a running hypothesis can still reach a higher score than the best
/// ended one, by an end at once or as late as max_length; with beam 1 it is greedy and ends with the first end token.
/// Equal scores are decided for the earlier hypothesis, then the smaller token. IndexError unless beam and max_length
/// are positive, `batch` is not negative and length_penalty is finite; ShapeError or DTypeError when the decoder's
/// results are not what DecoderStep says; Error when a function of the decoder is empty, when it gives a
/// log-probability above 0 (by more than rounding, 1e-3), or when a sequence has no hypothesis that has ended and no
/// token to continue with (all log-probabilities -∞ or NaN).
std::vector<Hypothesis> beam_search(const Decoder& decoder, std::int64_t batch, const BeamSearchConfig& config);

}  // namespace heed::nn
