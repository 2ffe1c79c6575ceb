// Task "swap": each two neighbours change places, and one token is written twice. The smallest translation whose order
// is not the source's and whose length is not either.
#pragma once

#include "heed/models/tasks/sequence_pair.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct SwapConfig {
  std::int64_t vocabulary = 20;  ///< V tokens, equally likely and independent; token 0 is the one that is written twice
  std::int64_t length = 16;      ///< of the source; the last of an odd number stays where it is
};

/// 5 7 0 8 9 -> 7 5 8 0 0 9. Each target token comes from one source token, no more than 1 + the number of zeros before
/// it from the diagonal. Writing the source as it stands is right at one place of V up to the first zero, and
/// more often behind it, where the target is a place late (0.19 in all of 20 words of 20 kinds); up to half of
/// what is wanted stands ahead of the place that is read. ShapeError unless V >= 1 and length >= 0.
SequencePair make_swap(const SwapConfig& config, Generator& generator);

}  // namespace heed::models
