// Batches of sequences of different lengths: which examples go together, and the padded tensor they become.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "heed/nn/data/vocabulary.h"
#include "heed/tensor/random/random.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

struct PaddedBatch {
  Tensor ids;                         ///< i64 [B, T], T the longest length; `pad` after the end of a sequence
  std::vector<std::int64_t> lengths;  ///< [B]
};

/// The sequences as rows of one tensor.
PaddedBatch pad_batch(std::span<const std::vector<std::int64_t>> sequences, std::int64_t pad = Vocabulary::pad);

/// The numbers of tokens of a sentence pair.
struct PairLength {
  std::int64_t source, target;
};

/// One epoch: every index of `lengths` once, in batches of `batch_size` (one may be smaller). Examples are shuffled,
/// then ordered by length within pools of 100 batches: a batch needs little padding, and still joins other examples in
/// every epoch. The batches come in random order. Draws from `generator` only: the same state, the same epoch.
/// IndexError unless batch_size > 0.
std::vector<std::vector<std::int64_t>> bucket_batches(std::span<const PairLength> lengths, std::int64_t batch_size,
                                                      Generator& generator);

}  // namespace heed::nn
