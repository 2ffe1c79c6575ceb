// Task "coreference": "The cat chased the dog because it was hungry": whom does "it" mean? The adjective says whether
// the one who did something or the one it was done to, so the answer depends on two words far apart and on their order.
#pragma once

#include "heed/models/tasks/word_list.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct CoreferenceConfig {
  std::int64_t fillers = 4;  ///< d words between the two nouns and "it"
};

struct CoreferenceBatch {
  Tensor ids;         ///< [B, 9 + d] i64: the NOUN VERB the NOUN d fillers because it was ADJECTIVE
  Tensor labels;      ///< [B] i64: the noun that is meant, as its place among the nouns
  Tensor antecedent;  ///< [B] i64: where that noun stands, 1 or 4
  std::int64_t it;    ///< the position of "it"
};

const WordList& coreference_words();
std::int64_t coreference_nouns();  ///< how many nouns there are: ids 0 … n - 1, and as many labels

/// Both nouns come from one list of 12 and differ, so that either may be meant; half of the adjectives mean the first
/// ("hungry": who did it), half the second ("slow": who was caught). Who counts words without their order knows the two
/// nouns and not which, and who does not know the adjective neither: right in half. A constant is right in one of 12.
/// ShapeError for a negative batch or number of fillers.
CoreferenceBatch make_coreferences(const CoreferenceConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
