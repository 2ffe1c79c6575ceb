// Task "copy": random tokens are to be written again, as they stand or from the last to the first. How long a text a
// model can hold, and whether it knows the order.
#pragma once

#include "heed/models/tasks/sequence_pair.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct CopyConfig {
  std::int64_t vocabulary = 20;             ///< V tokens, equally likely and independent
  std::int64_t shortest = 4, longest = 12;  ///< lengths, equally likely
  bool reversed = false;
};

/// Each target token comes from the one source token that it repeats. A constant is right about one token of V; who
/// knows which tokens there are but not their order, about one of L, and a little more where tokens repeat. ShapeError
/// unless V >= 1 and 0 <= shortest <= longest.
SequencePair make_copy(const CopyConfig& config, Generator& generator);

}  // namespace heed::models
