// Task "latch": the first token is a class, noise follows, and the class is to be told at the end (after the latching
// problem of Bengio, Simard and Frasconi 1994). What is told depends on one token, `noise_steps` + 1 tokens before.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct LatchConfig {
  std::int64_t classes =
      8;  ///< tokens 0 … classes - 1, equally likely: a model that has forgotten is right once in so many
  std::int64_t noise_tokens = 8;  ///< the tokens after these, equally likely
  std::int64_t noise_steps = 50;

  std::int64_t vocabulary() const { return classes + noise_tokens; }
};

struct LatchBatch {
  Tensor ids;     ///< [B, 1 + noise_steps] i64
  Tensor labels;  ///< [B] i64: the first column of ids
};

/// ShapeError unless batch >= 0, classes and noise_tokens are positive and noise_steps >= 0.
LatchBatch make_latch(const LatchConfig& config, std::int64_t batch, Generator& generator);

/// The same as a text for language models, `count` times: class, noise, the class again. In a text only the last of
/// these can be known, by who looks back noise_steps + 1 tokens. Errors as above.
std::vector<std::int64_t> make_latch_text(const LatchConfig& config, std::int64_t count, Generator& generator);

}  // namespace heed::models
