// The flags that the programs with a language model share: what they write, and the sizes of recurrent ones.
#pragma once

#include <cstdint>
#include <string>

#include "examples/support/flags.h"
#include "examples/support/train_options.h"
#include "heed/nn/seq2seq/sampling.h"

namespace heed::examples {

struct WritingOptions : TrainOptions {
  std::int64_t generate = 0;  ///< so many from the saved model; 0: train
  std::string prompt;
  nn::SamplingConfig sampling;
};

struct LmOptions : WritingOptions {
  std::int64_t embedding = 0, hidden = 256, layers = 1;
  double dropout = 0;
};

/// What the descriptions of the flags call things.
struct LmWords {
  const char *data, *steps, *batch, *unit;  ///< "text to learn from", "2000", "texts read side by side", "characters"
};

/// Adds a flag for each member but those of TrainOptions; `unit` is what is written: "characters".
void add_writing_flags(Flags& flags, WritingOptions& options, const char* unit);

/// After the command line was read: FormatError for flags that would be passed over in silence; beside --generate those
/// that choose what is generated are allowed.
void check_writing_flags(const Flags& flags);

/// Adds a flag for each member; their defaults are what `options` has.
void add_lm_options(Flags& flags, LmOptions& options, const LmWords& words);

/// What a training that goes on from a checkpoint cannot change, besides what the program adds.
void require_settings(nn::Checkpoint& run, const LmOptions& options);

/// check_writing_flags(), and a quick training has 128 hidden units unless told otherwise.
void finish_lm_options(const Flags& flags, LmOptions& options);

}  // namespace heed::examples
