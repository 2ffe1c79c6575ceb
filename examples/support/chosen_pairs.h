// Which pairs of a file are trained on: where words end, and how long sentences may be.
#pragma once

#include <string>
#include <vector>

#include "examples/support/translation_task.h"
#include "heed/nn/data/sentence_pairs.h"
#include "heed/tensor/random/random.h"

namespace heed::examples {

struct ChosenPairs {
  std::vector<nn::SentencePair> pairs;  ///< at least one
  Level source_level = Level::words, target_level = Level::words;
  std::vector<std::string> notes;  ///< how many were read, kept and left out, and why
};

/// The pairs in options.data that are short enough (options.max_words, or what pair_task() says), and of these
/// options.max_pairs at random. A side is split at its blanks alone when it has ideographs with
/// blanks between them. FormatError when none is left; errors of nn::read_sentence_pairs.
ChosenPairs choose_pairs(const TaskOptions& options, Generator& generator);

}  // namespace heed::examples
