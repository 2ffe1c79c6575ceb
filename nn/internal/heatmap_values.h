// What the two drawings of a Heatmap have in common: its values, checked, and its labels as they are shown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "heed/nn/plot/heatmap.h"

namespace heed::nn {

struct HeatmapValues {
  std::size_t rows, columns;
  std::vector<double> weights;  ///< row-major
  double maximum;

  double weight(std::size_t row, std::size_t column) const { return weights[row * columns + column]; }
  /// In [0, 1], or NaN.
  double shade(std::size_t row, std::size_t column) const;
};

HeatmapValues checked_values(const Heatmap& heatmap);

/// printable(text), where what would turn the direction of the text behind it is U+FFFD too.
std::string steady(const std::string& text);

/// A steady label of at most `columns` columns; a blank is "␣", without utf8 "_".
std::string shown_label(const std::string& label, int columns, bool utf8 = true);

/// `text` so that what stands beside it in a line keeps its order where it holds letters that are written from right to
/// left: between two LEFT-TO-RIGHT MARKs, which take no column.
std::string among_left_to_right(const std::string& text);

}  // namespace heed::nn
