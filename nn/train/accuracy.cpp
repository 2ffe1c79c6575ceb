#include "heed/nn/train/accuracy.h"

#include "heed/nn/train/internal/counted_labels.h"

namespace heed::nn {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void Accuracy::add(const Tensor& predictions, const Tensor& targets, const Tensor& mask) {
  const CountedLabels labels = counted_labels("Accuracy", predictions, targets, mask, config_.ignored);
  const std::size_t row = to_size(labels.row);
  for (std::size_t begin = 0; begin < labels.targets.size(); begin += row) {
    std::int64_t right = 0, total = 0;
    for (std::size_t i = begin; i < begin + row; ++i) {
      if (!labels.counts[i]) continue;
      ++total;
      right += labels.predictions[i] == labels.targets[i];
    }
    right_ += right;
    total_ += total;
    rows_ += total > 0;
    right_rows_ += total > 0 && right == total;
  }
}

double Accuracy::value() const { return ratio(right_, total_); }

double Accuracy::sequences() const { return ratio(right_rows_, rows_); }

}  // namespace heed::nn
