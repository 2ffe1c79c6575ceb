#include "heed/nn/plot/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "heed/nn/plot/svg.h"

namespace heed::nn {
namespace {

constexpr double page_width = 720, chart_height = 275, least_bottom = 344, margin = 16, title_size = 15,
                 label_size = 12;
constexpr double least_left = 84, right = page_width - 36, legend_row = 18;

/// The sides of the chart proper, in pixels.
struct Frame {
  double left, top, bottom;
};

// Distinct to colour-blind readers too (Okabe and Ito 2008).
constexpr std::array<const char*, 5> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"};

constexpr std::size_t most_points = 1000, stretches = 500;

bool drawable(const Point& point) {  // beyond 1e300 a difference of two values overflows
  return std::abs(point.x) < 1e300 && std::abs(point.y) < 1e300;
}

/// One axis: the values [low, high] on the pixels [from, to], and a tick at each multiple of `step`.
struct Axis {
  double low = std::numeric_limits<double>::infinity(), high = -low, from = 0, to = 0, step = 1;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }

  /// To be called when all values are included. The step is 1, 2 or 5 times a power of ten, for about `ticks` ticks.
  void finish(int ticks, double padding) {
    if (low > high) low = 0, high = 1;
    if (low == high) {
      const double half = std::max(0.5, std::abs(low) * 0.05);
      low -= half;
      high += half;
    }
    const double space = padding * (high - low);
    low -= space;
    high += space;
    const double rough = (high - low) / ticks, power = std::pow(10, std::floor(std::log10(rough)));
    step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
  }

  void set_pixels(double first_pixel, double last_pixel) {
    from = first_pixel;
    to = last_pixel;
  }

  double pixel(double value) const { return from + (value - low) / (high - low) * (to - from); }

  std::vector<double> ticks() const {
    std::vector<double> values;
    const double first = std::ceil(low / step);
    for (int i = 0; i < 20 && (first + i) * step <= high; ++i) values.push_back((first + i) * step);
    return values;
  }

  std::string label(double value) const {
    if (std::abs(value) >= 1e7 || step < 1e-6) return fmt::format("{:.3g}", value);
    const int decimals = static_cast<int>(std::max(0.0, -std::floor(std::log10(step) + 1e-9)));
    return fmt::format("{:.{}f}", value == 0 ? 0.0 : value, decimals);
  }
};

std::vector<Point> thinned(const std::vector<Point>& points) {
  if (points.size() <= most_points) return points;
  const auto lower = [](const Point& a, const Point& b) { return a.y < b.y; };
  std::vector<Point> result;
  for (std::size_t i = 0; i < stretches; ++i) {
    const auto at = [&](std::size_t part) {
      return points.begin() + static_cast<std::ptrdiff_t>(part * points.size() / stretches);
    };
    const auto bad = std::find_if_not(at(i), at(i + 1), drawable);
    if (bad != at(i + 1)) {  // a gap stays a gap
      result.push_back(*bad);
      continue;
    }
    const auto [lowest, highest] = std::minmax_element(at(i), at(i + 1), lower);
    result.push_back(*std::min(lowest, highest));
    if (lowest != highest) result.push_back(*std::max(lowest, highest));
  }
  return result;
}

/// The path of one series, with a dot where a point stands alone.
std::string curve(const Series& series, const char* colour, const Axis& x, const Axis& y) {
  const std::vector<Point> points = thinned(series.points);
  std::string path, dots;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!drawable(points[i])) continue;
    const bool begins = i == 0 || !drawable(points[i - 1]), ends = i + 1 == points.size() || !drawable(points[i + 1]);
    const double px = x.pixel(points[i].x), py = y.pixel(points[i].y);
    path += fmt::format("{}{:.1f} {:.1f}", begins ? "M" : "L", px, py);
    if (begins && ends)
      dots += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="3" fill="{}"/>)"
                          "\n",
                          px, py, colour);
  }
  if (path.empty()) return {};
  return fmt::format(R"(<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"/>)"
                     "\n",
                     path, colour, series.points.size() > most_points ? 1 : 2) +
         dots;
}

constexpr std::string_view dashed = R"(stroke="#555" stroke-width="1.5" stroke-dasharray="6 4")";

/// Names with a piece of their curves, in rows, beginning at the lines `y`.
struct Legend {
  std::string body = {};
  double y;

  Legend(const LineChart& chart, double left, double first_line) : y(first_line) {
    double x = left;
    const auto entry = [&](std::string_view name, std::string_view style) {
      const double width = std::min(text_width(name, label_size), right - left - 30);
      if (x > left && x + 30 + width > right) {
        x = left;
        y += legend_row;
      }
      body += svg_line(x, y - 4, x + 24, y - 4, style);
      body += svg_text(x + 30, y, name, {.size = label_size, .max_width = width});
      x += 30 + width + 24;
    };
    for (std::size_t i = 0; i < chart.series.size(); ++i)
      entry(chart.series[i].name, fmt::format(R"(stroke="{}" stroke-width="2")", colours[i % colours.size()]));
    if (chart.reference) entry(fmt::format("{} {:.4g}", chart.reference->name, chart.reference->y), dashed);
  }
};

std::string grid(const LineChart& chart, const Frame& frame, const Axis& x, const Axis& y) {
  const auto& [left, top, bottom] = frame;
  std::string body;
  for (double tick : y.ticks()) {
    body += svg_line(left, y.pixel(tick), right, y.pixel(tick), R"(stroke="#e4e4e4")");
    body += svg_text(left - 8, y.pixel(tick) + 4, y.label(tick), {.size = label_size, .anchor = "end"});
  }
  for (double tick : x.ticks()) {
    body += svg_line(x.pixel(tick), bottom, x.pixel(tick), bottom + 5, R"(stroke="#555")");
    body += svg_text(x.pixel(tick), bottom + 20, x.label(tick), {.size = label_size, .anchor = "middle"});
  }
  body += svg_line(left, bottom, right, bottom, R"(stroke="#555")");
  body += svg_text((left + right) / 2, bottom + 40, chart.x_title,
                   {.anchor = "middle", .colour = "#666", .max_width = right - left});
  return body + svg_text(margin + 4, (top + bottom) / 2, chart.y_title,
                         {.anchor = "middle", .angle = -90, .colour = "#666", .max_width = bottom - top});
}

}  // namespace

std::string line_chart_svg(const LineChart& chart) {
  Axis x, y;
  for (const Series& series : chart.series)
    for (const Point& point : series.points)
      if (drawable(point)) x.include(point.x), y.include(point.y);
  const bool has_reference = chart.reference && drawable({0, chart.reference->y});
  if (has_reference) y.include(chart.reference->y);

  const double title_line = margin + title_size, first_line = chart.title.empty() ? title_line : title_line + 24;
  x.finish(8, 0);
  y.finish(8, 0.04);
  Frame frame{.left = least_left, .top = 0, .bottom = 0};
  for (double tick : y.ticks())
    frame.left = std::max(frame.left, margin + 2 * label_size + text_width(y.label(tick), label_size));
  const Legend legend(chart, frame.left, first_line);
  frame.top = legend.y + 14;
  frame.bottom = std::max(least_bottom, frame.top + chart_height);
  x.set_pixels(frame.left, right);
  y.set_pixels(frame.bottom, frame.top);

  std::string body;
  if (!chart.title.empty())
    body = svg_text(margin, title_line, chart.title,
                    {.size = title_size, .bold = true, .max_width = page_width - 2 * margin});
  body += grid(chart, frame, x, y) + legend.body;
  if (has_reference)
    body += svg_line(frame.left, y.pixel(chart.reference->y), right, y.pixel(chart.reference->y), dashed);
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    body += curve(chart.series[i], colours[i % colours.size()], x, y);
  return svg_document(page_width, frame.bottom + 56, chart.title.empty() ? chart.y_title : chart.title, body);
}

}  // namespace heed::nn
