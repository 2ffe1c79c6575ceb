// What an align may look at besides scores and mask, and what it may give besides weights.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// Where the queries stand, for an align that depends on it, and where it draws from.
struct AlignQueries {
  Variable query = {};             ///< [B, T, query]
  Tensor lengths = {};             ///< [B, 1, 1] i64: the positions of each source, up to the last that is not padding
  std::int64_t queries = 0;        ///< T
  std::int64_t keys = 0;           ///< S
  std::int64_t first_query = 0;    ///< the position of the first of the T queries
  std::int64_t target_length = 0;  ///< of how many queries in all
  Generator* generator = nullptr;  ///< undefined: nothing is drawn
};

struct AlignOutput {
  Variable weights;               ///< [B, T, S]
  Variable log_probability = {};  ///< [B, T], of the keys that were drawn, where some were
  Variable entropy = {};          ///< [B, T], of what they were drawn from
};

}  // namespace heed::nn
