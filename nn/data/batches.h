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

/// For teacher forcing: every sequence without its last id, and without its first one.
struct NextTokenBatch {
  Tensor inputs, targets;             ///< i64 [B, T], T the longest length; `pad` behind the end of a sequence
  Tensor mask;                        ///< bool [B, T]: true where there is a target, by lengths and not by ids
  std::vector<std::int64_t> lengths;  ///< [B], the numbers of targets
};

/// [s, a, b, e] is read as [s, a, b] to predict [a, b, e]: the end of the row itself goes, whatever stands behind it in
/// other rows. ShapeError for a sequence without ids.
NextTokenBatch next_token_batch(std::span<const std::vector<std::int64_t>> sequences,
                                std::int64_t pad = Vocabulary::pad);

/// Keeps the first `limit` ids of each sequence and returns how many were longer. A sequence that is cut has lost its
/// end symbol, and gets no other: it does not teach a model to stop there. Those that are no longer than `limit` stay
/// as they are. IndexError unless limit > 0.
std::int64_t cut_sequences(std::vector<std::vector<std::int64_t>>& sequences, std::int64_t limit);

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
