#include "heed/nn/internal/heatmap_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/nn/data/unicode.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/error.h"

namespace heed::nn {

double HeatmapValues::shade(std::size_t row, std::size_t column) const {
  const double part = weight(row, column) / maximum;
  return std::isnan(part) ? part : std::clamp(part, 0.0, 1.0);
}

HeatmapValues checked_values(const Heatmap& heatmap) {
  const std::size_t rows = heatmap.target.size(), columns = heatmap.source.size();
  const Shape expected{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)};
  if (!heatmap.weights.defined() || heatmap.weights.shape() != expected)
    throw ShapeError(fmt::format("heatmap: weights {} for {} target and {} source words",
                                 heatmap.weights.defined() ? heatmap.weights.shape().str() : "undefined", rows,
                                 columns));
  if (!heatmap.gold.empty() && heatmap.gold.size() != rows)
    throw ShapeError(fmt::format("heatmap: {} rows of gold links for {} target words", heatmap.gold.size(), rows));
  for (const std::vector<std::int64_t>& links : heatmap.gold)
    for (std::int64_t link : links)
      if (link < 0 || link >= expected[1])
        throw IndexError(fmt::format("heatmap: gold link {} is outside [0, {})", link, columns));

  HeatmapValues values{rows, columns, {}, heatmap.maximum};
  dispatch_float("heatmap", heatmap.weights.dtype(), [&]<class T>() {
    const Tensor weights = heatmap.weights.contiguous();
    values.weights.assign(weights.data<T>(), weights.data<T>() + weights.numel());
  });
  return values;
}

std::string steady(const std::string& text) {
  std::string result;
  for (const char32_t code : decode_utf8(printable(text)))
    append_utf8(result, turns_direction(code) ? U'\uFFFD' : code);
  return result;
}

std::string shown_label(const std::string& label, int columns, bool utf8) {
  if (label == " ") return utf8 ? "␣" : "_";
  return shortened(steady(label), columns, utf8);
}

std::string among_left_to_right(const std::string& text) {
  const std::u32string codes = decode_utf8(text);
  if (std::none_of(codes.begin(), codes.end(), is_right_to_left)) return text;
  return "\u200E" + text + "\u200E";
}

}  // namespace heed::nn
