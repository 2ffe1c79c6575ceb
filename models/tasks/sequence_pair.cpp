#include "heed/models/tasks/sequence_pair.h"

#include <algorithm>

#include "heed/tensor/create.h"

namespace heed::models {
namespace {

SourceBatch padded(std::span<const SequencePair> pairs, std::vector<std::int64_t> SequencePair::* side) {
  std::vector<std::int64_t> lengths, ids;
  for (const SequencePair& pair : pairs) lengths.push_back(std::ssize(pair.*side));
  const std::int64_t longest = lengths.empty() ? 0 : *std::ranges::max_element(lengths);
  for (const SequencePair& pair : pairs) {
    ids.insert(ids.end(), (pair.*side).begin(), (pair.*side).end());
    ids.insert(ids.end(), to_size(longest - std::ssize(pair.*side)), 0);
  }
  return {tensor(ids, {std::ssize(pairs), longest}), std::move(lengths)};
}

}  // namespace

PairBatch batch_pairs(std::span<const SequencePair> pairs) {
  SourceBatch target = padded(pairs, &SequencePair::target);
  return {padded(pairs, &SequencePair::source), std::move(target.ids), std::move(target.lengths)};
}

}  // namespace heed::models
