// Task "paraphrases": do two sentences say the same? Words may be replaced by their synonyms and the adverb may move;
// what changes the meaning is another word in the place of one, or who does what to whom.
#pragma once

#include "heed/models/tasks/word_list.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct ParaphraseBatch {
  Tensor first, second;  ///< [B, 6] i64: the NOUN VERB the NOUN ADVERB, or the adverb first
  Tensor labels;         ///< [B] i64: 1 where both say the same, as often as not
  Tensor positions;      ///< [B, 6] i64: for each word of the second where its counterpart in the first stands
};

const WordList& paraphrase_words();
std::int64_t paraphrase_meaning(std::int64_t id);  ///< of a word: synonyms have one, others another; IndexError

/// Each word of the second sentence is replaced by its synonym as often as not, and either sentence has its adverb in
/// front as often as not. Of those that do not say the same half have another noun, verb or adverb in one place, and
/// half have the two nouns exchanged. One sentence alone says nothing: right in half. Comparing the meanings of the
/// words without their order misses the exchanged ones: right in three of four. ShapeError for a negative batch.
ParaphraseBatch make_paraphrases(std::int64_t batch, Generator& generator);

}  // namespace heed::models
