#include "heed/nn/train/confusion_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "heed/nn/train/internal/counted_labels.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Fills up with blanks to `columns` columns, which fmt cannot for names of other scripts.
std::string padded(const std::string& text, int columns, bool right) {
  const std::string blanks(static_cast<std::size_t>(std::max(columns - display_width(text), 0)), ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::int64_t classes) : classes_(classes) {
  constexpr std::int64_t most = 1'000;
  if (classes < 1 || classes > most)
    throw ShapeError(fmt::format("ConfusionMatrix: {} classes, expected 1 to {}", classes, most));
  counts_.assign(to_size(classes * classes), 0);
}

std::size_t ConfusionMatrix::place(std::int64_t target, std::int64_t prediction) const {
  if (target < 0 || target >= classes_ || prediction < 0 || prediction >= classes_)
    throw IndexError(fmt::format("ConfusionMatrix: target {}, prediction {}, expected classes in [0, {})", target,
                                 prediction, classes_));
  return to_size(target * classes_ + prediction);
}

void ConfusionMatrix::add(const Tensor& predictions, const Tensor& targets, const Tensor& mask) {
  const CountedLabels labels = counted_labels("ConfusionMatrix", predictions, targets, mask, {});
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < labels.targets.size(); ++i)
    if (labels.counts[i]) places.push_back(place(labels.targets[i], labels.predictions[i]));
  for (const std::size_t at : places) ++counts_[at];
}

std::int64_t ConfusionMatrix::total() const { return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0}); }

std::int64_t ConfusionMatrix::count(std::int64_t target, std::int64_t prediction) const {
  return counts_[place(target, prediction)];
}

std::int64_t ConfusionMatrix::row_sum(std::int64_t target) const {
  const auto row = counts_.begin() + target * classes_;
  return std::accumulate(row, row + classes_, std::int64_t{0});
}

std::int64_t ConfusionMatrix::column_sum(std::int64_t prediction) const {
  std::int64_t sum = 0;
  for (std::int64_t target = 0; target < classes_; ++target) sum += count(target, prediction);
  return sum;
}

double ConfusionMatrix::accuracy() const {
  std::int64_t right = 0;
  for (std::int64_t c = 0; c < classes_; ++c) right += count(c, c);
  return ratio(right, total());
}

ConfusionMatrix::Scores ConfusionMatrix::of(std::int64_t c) const {
  const std::int64_t right = count(c, c), predicted = column_sum(c), wanted = row_sum(c);
  return {ratio(right, predicted), ratio(right, wanted), ratio(2 * right, predicted + wanted)};
}

ConfusionMatrix::Scores ConfusionMatrix::macro() const {
  Scores sum;
  double present = 0;
  for (std::int64_t c = 0; c < classes_; ++c) {
    if (column_sum(c) + row_sum(c) == 0) continue;
    const Scores scores = of(c);
    sum = {sum.precision + scores.precision, sum.recall + scores.recall, sum.f1 + scores.f1};
    present += 1;
  }
  return present == 0 ? sum : Scores{sum.precision / present, sum.recall / present, sum.f1 / present};
}

std::string ConfusionMatrix::table(const std::vector<std::string>& names) const {
  if (!names.empty() && names.size() != to_size(classes_))
    throw ShapeError(fmt::format("ConfusionMatrix: {} names for {} classes", names.size(), classes_));
  constexpr int name_columns = 16;
  std::vector<std::string> shown;
  for (std::int64_t c = 0; c < classes_; ++c)
    shown.push_back(names.empty() ? std::to_string(c) : shortened(names[to_size(c)], name_columns));
  const std::string corner = "target", mean = "macro mean";
  int width = display_width(mean);
  for (const std::string& name : shown) width = std::max(width, display_width(name));

  const auto scores = [](const Scores& s) {
    return fmt::format("  {:9.4f}  {:9.4f}  {:9.4f}\n", s.precision, s.recall, s.f1);
  };
  std::vector<int> columns;
  std::string text = padded(corner, width, false);
  for (std::int64_t c = 0; c < classes_; ++c) {
    std::int64_t largest = 0;
    for (std::int64_t target = 0; target < classes_; ++target) largest = std::max(largest, count(target, c));
    columns.push_back(std::max(display_width(shown[to_size(c)]), static_cast<int>(std::to_string(largest).size())));
    text += "  " + padded(shown[to_size(c)], columns.back(), true);
  }
  text += "  precision     recall         F1\n";
  for (std::int64_t target = 0; target < classes_; ++target) {
    text += padded(shown[to_size(target)], width, false);
    for (std::int64_t c = 0; c < classes_; ++c)
      text += "  " + padded(std::to_string(count(target, c)), columns[to_size(c)], true);
    text += scores(of(target));
  }
  text += padded(mean, width, false);
  for (const int column : columns) text += std::string(static_cast<std::size_t>(column) + 2, ' ');
  text += scores(macro());
  return text + fmt::format("accuracy {:.4f} of {}\n", accuracy(), total());
}

}  // namespace heed::nn
