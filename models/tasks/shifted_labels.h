// Task "shifted labels": every token of a random sequence gets a label that depends on the token `shift` places later.
// Who reads from left to right alone has not seen it yet, and can only guess.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct ShiftedLabelsConfig {
  std::int64_t vocabulary = 8;  ///< V tokens, equally likely and independent, and V labels
  std::int64_t shift = 2;
};

struct LabelledBatch {
  Tensor ids;      ///< [B, T] i64
  Tensor labels;   ///< [B, T] i64: labels[b, j] = f(ids[b, j + shift]), 0 where that is beyond the end
  Tensor weights;  ///< [B, T] f32: 0 for the last `shift` labels, 1 for the others
};

class ShiftedLabels {
 public:
  /// Draws f, a permutation of the V tokens. ShapeError unless V >= 1 and shift >= 0.
  ShiftedLabels(const ShiftedLabelsConfig& config, Generator& generator);

  /// ShapeError for a negative size.
  LabelledBatch batch(std::int64_t size, std::int64_t length, Generator& generator) const;

  const std::vector<std::int64_t>& label_of() const { return label_of_; }  ///< f

 private:
  ShiftedLabelsConfig config_;
  std::vector<std::int64_t> label_of_;
};

}  // namespace heed::models
