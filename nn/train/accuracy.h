// Accuracy: how often the predicted class is the right one, padding aside.
#pragma once

#include <cstdint>
#include <optional>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// Counts add up over batches, so the result does not depend on how examples fall into batches.
///   value()     = right elements / elements that count
///   sequences() = rows without a wrong element that counts / rows with an element that counts
/// A row runs along the last axis. 0/0 is 0.
class Accuracy {
 public:
  struct Config {
    std::optional<std::int64_t> ignored = {};  ///< a target that does not count, such as padding
  };

  Accuracy() : Accuracy(Config{}) {}
  explicit Accuracy(const Config& config) : config_(config) {}

  /// predictions (argmax(logits, -1)) and targets [..] i64; `mask` [..] bool, true where an element counts; undefined:
  /// everywhere. ShapeError, DTypeError; then nothing has been counted.
  void add(const Tensor& predictions, const Tensor& targets, const Tensor& mask = {});

  double value() const;
  double sequences() const;
  std::int64_t right() const { return right_; }
  std::int64_t total() const { return total_; }

 private:
  Config config_;
  std::int64_t right_ = 0, total_ = 0, right_rows_ = 0, rows_ = 0;
};

}  // namespace heed::nn
