// Task "word sense": a sentence with the word "transformer", which means a thing on a pole or a model. One word
// somewhere in the sentence tells which; the word itself does not.
#pragma once

#include "heed/models/tasks/word_list.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct WordSenseConfig {
  std::int64_t words = 16;  ///< of each sentence, 2 or more
};

struct WordSenseBatch {
  Tensor ids;       ///< [B, words] i64
  Tensor labels;    ///< [B] i64: 0 electricity, 1 language models, equally likely
  Tensor position;  ///< [B] i64: where "transformer" is
  Tensor cue;       ///< [B] i64: where the word that tells is
};

const WordList& word_sense_words();

/// "transformer" and its cue stand anywhere, all places equally likely; all other words tell nothing. Who sees only the
/// word "transformer", or all words but the cue, is right in half. ShapeError unless batch >= 0 and words >= 2.
WordSenseBatch make_word_senses(const WordSenseConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
