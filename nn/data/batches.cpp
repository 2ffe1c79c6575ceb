#include "heed/nn/data/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::nn {

PaddedBatch pad_batch(std::span<const std::vector<std::int64_t>> sequences, std::int64_t pad) {
  PaddedBatch batch;
  std::int64_t longest = 0;
  for (const std::vector<std::int64_t>& sequence : sequences) {
    batch.lengths.push_back(static_cast<std::int64_t>(sequence.size()));
    longest = std::max(longest, batch.lengths.back());
  }
  batch.ids = empty({static_cast<std::int64_t>(sequences.size()), longest}, DType::i64);
  std::int64_t* row = batch.ids.mutable_data<std::int64_t>();
  for (const std::vector<std::int64_t>& sequence : sequences) {
    std::fill(std::copy(sequence.begin(), sequence.end(), row), row + longest, pad);
    row += longest;
  }
  return batch;
}

NextTokenBatch next_token_batch(std::span<const std::vector<std::int64_t>> sequences, std::int64_t pad) {
  std::vector<std::vector<std::int64_t>> inputs, targets;
  for (const std::vector<std::int64_t>& sequence : sequences) {
    if (sequence.empty())
      throw ShapeError(fmt::format("next_token_batch: sequence {} of {} has no ids", inputs.size(), sequences.size()));
    inputs.emplace_back(sequence.begin(), sequence.end() - 1);
    targets.emplace_back(sequence.begin() + 1, sequence.end());
  }
  PaddedBatch read = pad_batch(inputs, pad), predicted = pad_batch(targets, pad);
  Tensor mask = zeros(predicted.ids.shape(), DType::boolean);
  for (std::size_t row = 0; row < predicted.lengths.size(); ++row)
    std::fill_n(mask.mutable_data<bool>() + static_cast<std::int64_t>(row) * mask.size(1), predicted.lengths[row],
                true);
  return {read.ids, predicted.ids, mask, std::move(predicted.lengths)};
}

std::int64_t cut_sequences(std::vector<std::vector<std::int64_t>>& sequences, std::int64_t limit) {
  if (limit <= 0) throw IndexError(fmt::format("cut_sequences: limit {} is not positive", limit));
  std::int64_t cut = 0;
  for (std::vector<std::int64_t>& sequence : sequences) {
    if (static_cast<std::int64_t>(sequence.size()) <= limit) continue;
    sequence.resize(to_size(limit));
    ++cut;
  }
  return cut;
}

std::vector<std::vector<std::int64_t>> bucket_batches(std::span<const PairLength> lengths, std::int64_t batch_size,
                                                      Generator& generator) {
  if (batch_size <= 0) throw IndexError(fmt::format("bucket_batches: batch size {} is not positive", batch_size));
  const auto total = static_cast<std::int64_t>(lengths.size());
  std::vector<std::int64_t> order = permutation(generator, total);
  std::vector<std::int64_t> rank(order.size());  // in that order, which pairs of equal lengths keep
  for (std::size_t i = 0; i < order.size(); ++i)
    rank[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  const auto shorter = [&](std::int64_t a, std::int64_t b) {
    const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
    return std::tie(lengths[i].source, lengths[i].target, rank[i]) <
           std::tie(lengths[j].source, lengths[j].target, rank[j]);
  };

  constexpr std::int64_t batches_per_pool = 100;
  // One batch never needs more than all examples; without this a huge batch size would overflow the pool's.
  const std::int64_t size = std::min(batch_size, std::max<std::int64_t>(total, 1)), pool = size * batches_per_pool;
  for (std::int64_t begin = 0; begin < total; begin += pool)
    std::sort(order.begin() + begin, order.begin() + std::min(total, begin + pool), shorter);

  std::vector<std::vector<std::int64_t>> batches;
  for (std::int64_t begin = 0; begin < total; begin += size)
    batches.emplace_back(order.begin() + begin, order.begin() + std::min(total, begin + size));

  std::vector<std::vector<std::int64_t>> shuffled;
  for (std::int64_t index : permutation(generator, static_cast<std::int64_t>(batches.size())))
    shuffled.push_back(std::move(batches[static_cast<std::size_t>(index)]));
  return shuffled;
}

}  // namespace heed::nn
