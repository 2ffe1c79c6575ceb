// Task "induction": tokens in random pairs A B, and then every pair once more. After the second A its B is known from
// the text alone, to who looks for the first A and reads what stood behind it (Olsson et al. 2022, induction heads).
#pragma once

#include <cstdint>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct InductionConfig {
  std::int64_t pairs = 16;       ///< n of each row, which has 4n tokens
  std::int64_t vocabulary = 64;  ///< V tokens, at least 2n
  bool shuffled = true;          ///< the pairs come again in another order; else each 2n tokens later
};

struct InductionBatch {
  Tensor ids;     ///< [B, 4n] i64: n pairs of 2n different tokens, then the same pairs
  Tensor known;   ///< [B, 4n] f32: 1 where the next token is known: at the second A of each pair, else 0
  Tensor source;  ///< [B, 4n] i64: where the token that comes next stood before, and -1 where `known` is 0
};

/// Pairs are drawn afresh for each row, so counts of what follows what say nothing of it. At a second A, who knows
/// which tokens of the row came second and not behind what is right about one of n; who knows nothing, about one of V.
/// ShapeError unless batch >= 0, pairs >= 1 and V >= 2n.
InductionBatch make_inductions(const InductionConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
