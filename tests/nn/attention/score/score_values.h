// What the tests of scores share.
#pragma once

#include <limits>
#include <string>

#include "heed/nn/attention/attention.h"
#include "support/array.h"

namespace heed::test {

/// "" when two tensors are equal to 1e-12.
inline std::string far(const Tensor& got, const Tensor& wanted) {
  return difference(got, to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

template <class Score>
Score make_score(const typename Score::Config& config) {
  Generator generator(1);
  return Score(config, generator);
}

template <class Score>
Variable scores_of(const Score& score, const Variable& query, const Variable& keys) {
  return score.forward(query, score.project_keys(keys));
}

}  // namespace heed::test
