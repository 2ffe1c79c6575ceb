#include "heed/nn/internal/heatmap_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

std::string shown_label(const std::string& label, int columns, bool utf8) {
  if (label == " ") return utf8 ? "␣" : "_";
  return shortened(label, columns, utf8);
}

}  // namespace heed::nn
