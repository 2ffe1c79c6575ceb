#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "heed/nn/data/unicode.h"
#include "heed/nn/internal/heatmap_values.h"
#include "heed/nn/plot/heatmap.h"

namespace heed::nn {
namespace {

constexpr int longest_target = 20, longest_source = 14;
constexpr int cell_width = 2;  // columns: about square, and wide enough for one ideograph

std::string padded_left(const std::string& text, int width) {
  return std::string(static_cast<std::size_t>(std::max(width - display_width(text), 0)), ' ') +
         among_left_to_right(text);
}

/// One cell, `cell_width` columns.
std::string cell(double shade, const Terminal& terminal) {
  if (std::isnan(shade)) return " ?";
  if (terminal.colour) {  // the xterm palette from near white to dark blue, the same on light and dark terminals
    constexpr std::array<int, 10> palette{255, 189, 153, 111, 69, 63, 27, 20, 18, 17};
    return fmt::format("\x1B[48;5;{}m  \x1B[0m",
                       palette[std::min(static_cast<std::size_t>(shade * 10), std::size_t{9})]);
  }
  if (terminal.interactive && terminal.utf8) {
    constexpr std::array<const char*, 5> blocks{"··", "░░", "▒▒", "▓▓", "██"};
    return blocks[std::min(static_cast<std::size_t>(shade * 5), std::size_t{4})];
  }
  const auto tenths = static_cast<std::size_t>(std::lround(shade * 10));
  return {' ', ".123456789#"[tenths]};
}

/// Source labels of [first, last) written downwards, standing on the first row of cells.
std::string header(const std::vector<std::string>& source, std::size_t first, std::size_t last, int indent, bool utf8) {
  std::vector<std::vector<std::string>> columns;
  std::size_t height = 0;
  for (std::size_t i = first; i < last; ++i) {
    columns.push_back(graphemes(shown_label(source[i], longest_source, utf8)));
    height = std::max(height, columns.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    text += std::string(static_cast<std::size_t>(indent), ' ');
    for (const std::vector<std::string>& column : columns) {
      const std::size_t empty = height - column.size();
      text += padded_left(line < empty ? "" : column[line - empty], cell_width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace

std::string heatmap_text(const Heatmap& heatmap, const Terminal& terminal) {
  const HeatmapValues values = checked_values(heatmap);
  std::vector<std::string> labels;
  int label_width = 0;
  for (const std::string& word : heatmap.target) {
    labels.push_back(shown_label(word, longest_target, terminal.utf8));
    label_width = std::max(label_width, display_width(labels.back()));
  }
  const auto columns_per_panel =
      static_cast<std::size_t>(std::max((terminal.width - 1 - label_width - 1) / cell_width, 1));

  std::string text = heatmap.title.empty() ? "" : steady(heatmap.title) + "\n";
  for (std::size_t first = 0; first < values.columns; first += columns_per_panel) {
    const std::size_t last = std::min(first + columns_per_panel, values.columns);
    if (first > 0) text += '\n';
    text += header(heatmap.source, first, last, label_width + 1, terminal.utf8);
    for (std::size_t row = 0; row < values.rows; ++row) {
      text += padded_left(labels[row], label_width) + ' ';
      for (std::size_t column = first; column < last; ++column) text += cell(values.shade(row, column), terminal);
      text += '\n';
    }
  }
  return text;
}

}  // namespace heed::nn
