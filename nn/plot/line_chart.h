// LineChart: curves over training steps as an SVG document.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heed::nn {

struct Point {
  double x, y;
};

struct Series {
  std::string name;
  std::vector<Point> points;  ///< by ascending x; a point that is not finite interrupts the line
};

struct ReferenceLine {
  std::string name;
  double y;
};

struct LineChart {
  std::string title = {}, x_title = "step", y_title = "loss";
  std::vector<Series> series = {};
  std::optional<ReferenceLine> reference = {};  ///< a dashed horizontal line: what a model that learned nothing reaches
};

/// Any number of points: of more than a thousand per series, the lowest and highest of each of 500 stretches are drawn.
std::string line_chart_svg(const LineChart& chart);

}  // namespace heed::nn
