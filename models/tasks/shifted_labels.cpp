#include "heed/models/tasks/shifted_labels.h"

#include <fmt/format.h>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

const ShiftedLabelsConfig& checked(const ShiftedLabelsConfig& c) {
  if (c.vocabulary < 1 || c.shift < 0)
    throw ShapeError(fmt::format("shifted labels: vocabulary {}, shift {}, expected vocabulary >= 1 and shift >= 0",
                                 c.vocabulary, c.shift));
  return c;
}

}  // namespace

ShiftedLabels::ShiftedLabels(const ShiftedLabelsConfig& config, Generator& generator)
    : config_(checked(config)), label_of_(permutation(generator, config.vocabulary)) {}

LabelledBatch ShiftedLabels::batch(std::int64_t size, std::int64_t length, Generator& generator) const {
  LabelledBatch made{zeros({size, length}, DType::i64), zeros({size, length}, DType::i64), zeros({size, length})};
  auto* const ids = made.ids.mutable_data<std::int64_t>();
  auto* const labels = made.labels.mutable_data<std::int64_t>();
  auto* const weights = made.weights.mutable_data<float>();
  for (std::int64_t i = 0; i < size * length; ++i) {
    ids[i] = generator.uniform_int(config_.vocabulary);
    if (i % length < config_.shift) continue;  // no label of this row depends on it
    labels[i - config_.shift] = label_of_[static_cast<std::size_t>(ids[i])];
    weights[i - config_.shift] = 1;
  }
  return made;
}

}  // namespace heed::models
