// A source and a target of tokens, and which source tokens carry each target token: what every task that translates
// gives.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "heed/models/source_batch.h"

namespace heed::models {

struct SequencePair {
  std::vector<std::int64_t> source, target;
  std::vector<std::vector<std::int64_t>> alignment = {};  ///< per target token source positions, ascending
};

struct PairBatch {
  SourceBatch source;                        ///< ids 0 behind each length
  Tensor target;                             ///< [B, T] i64, 0 behind each length
  std::vector<std::int64_t> target_lengths;  ///< one in [0, T] for each pair
};

/// The pairs side by side, as long as the longest.
PairBatch batch_pairs(std::span<const SequencePair> pairs);

}  // namespace heed::models
