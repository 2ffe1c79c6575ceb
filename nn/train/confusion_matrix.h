// ConfusionMatrix: which class was taken for which; precision, recall and F1 follow from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// Of one class c, with counts [target][prediction] that add up over batches:
///   precision = counts[c][c] / Σ_t counts[t][c]     recall = counts[c][c] / Σ_p counts[c][p]
///   F1        = 2·counts[c][c] / (Σ_t counts[t][c] + Σ_p counts[c][p]), their harmonic mean
/// 0/0 is 0. Macro means are over the classes that are a target or a prediction somewhere, as in scikit-learn. Micro
/// means count all elements: with one class for each element micro precision, recall and F1 are all the accuracy.
class ConfusionMatrix {
 public:
  struct Scores {
    double precision = 0, recall = 0, f1 = 0;
  };

  /// ShapeError unless `classes` is in [1, 1,000].
  explicit ConfusionMatrix(std::int64_t classes);

  /// predictions and targets [..] i64; `mask` [..] bool, true where an element counts; undefined: everywhere.
  /// ShapeError, DTypeError; IndexError for a class outside [0, classes) where an element counts; then nothing has been
  /// counted.
  void add(const Tensor& predictions, const Tensor& targets, const Tensor& mask = {});

  std::int64_t classes() const { return classes_; }
  std::int64_t total() const;
  std::int64_t count(std::int64_t target, std::int64_t prediction) const;  ///< IndexError outside [0, classes)

  double accuracy() const;
  Scores of(std::int64_t c) const;  ///< IndexError outside [0, classes)
  Scores macro() const;

  /// A table for people: a line for each target with its counts, precision, recall and F1, then the macro means and the
  /// accuracy. ShapeError unless there are as many names as classes; without names the classes are numbers. Names are
  /// cut to 16 columns.
  std::string table(const std::vector<std::string>& names = {}) const;

 private:
  std::size_t place(std::int64_t target, std::int64_t prediction) const;
  std::int64_t row_sum(std::int64_t target) const;
  std::int64_t column_sum(std::int64_t prediction) const;

  std::int64_t classes_;
  std::vector<std::int64_t> counts_;  // [classes, classes]
};

}  // namespace heed::nn
