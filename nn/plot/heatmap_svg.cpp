#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "heed/nn/internal/heatmap_values.h"
#include "heed/nn/plot/heatmap.h"
#include "heed/nn/plot/svg.h"

namespace heed::nn {
namespace {

constexpr double longest_label = 190, longest_title = 480,
                 longest_axis_title = 240;  // pixels; what is cut has a tooltip
constexpr double margin = 16, gap = 6, title_size = 15, axis_size = 12, legend_width = 120, legend_height = 10;
constexpr double running = 0.5, rising = std::numbers::sqrt3 / 2;  // a slanted label's way per pixel: 60 degrees

struct Colour {
  double red, green, blue;
};

constexpr std::array<Colour, 3> ramp{{{242, 245, 249}, {92, 154, 206}, {8, 40, 92}}};

std::string hex(const Colour& colour) {
  const auto byte = [](double part) { return static_cast<int>(std::lround(part)); };
  return fmt::format("#{:02x}{:02x}{:02x}", byte(colour.red), byte(colour.green), byte(colour.blue));
}

std::string fill(double shade) {
  if (std::isnan(shade)) return "#f2c14e";
  const std::size_t i = shade < 0.5 ? 0 : 1;
  const double t = 2 * shade - static_cast<double>(i);
  const Colour &a = ramp[i], &b = ramp[i + 1];
  return hex({std::lerp(a.red, b.red, t), std::lerp(a.green, b.green, t), std::lerp(a.blue, b.blue, t)});
}

std::vector<std::string> shown_labels(const std::vector<std::string>& words) {
  std::vector<std::string> labels;
  for (const std::string& word : words) labels.push_back(shown_label(word, std::numeric_limits<int>::max()));
  return labels;
}

double label_width(std::string_view label, double size) { return std::min(text_width(label, size), longest_label); }

double widest(const std::vector<std::string>& labels, double size) {
  double width = 0;
  for (const std::string& label : labels) width = std::max(width, label_width(label, size));
  return width;
}

/// Where everything stands, in pixels. Source labels are upright when they fit their column, else they rise to the
/// right.
struct Layout {
  std::vector<std::string> source, target;
  std::string source_title, target_title;
  double cell, size;  // of a cell, of the labels' font
  bool upright;
  double left, top;      // of the matrix
  double width, height;  // of the matrix
  double page_width, page_height;

  Layout(const Heatmap& heatmap, const HeatmapValues& values)
      : source(shown_labels(heatmap.source)),
        target(shown_labels(heatmap.target)),
        source_title(heatmap.source_title + " →"),
        target_title("← " + heatmap.target_title) {
    cell = std::clamp(720.0 / static_cast<double>(std::max({values.rows, values.columns, std::size_t{1}})), 12.0, 30.0);
    size = std::min(13.0, 0.68 * cell);
    upright = widest(source, size) <= cell;
    width = cell * static_cast<double>(values.columns);
    height = cell * static_cast<double>(values.rows);

    const double rise = upright ? size : rising * widest(source, size) + running * size;
    left = margin + axis_size + gap + widest(target, size) + 2 * gap;
    top = margin + (heatmap.title.empty() ? 0 : title_size + 2 * gap) + axis_size + gap + rise + gap;
    double right = std::max({left + width, left + legend_width + 40,
                             margin + std::min(text_width(heatmap.title, title_size, true), longest_title),
                             left + std::min(text_width(source_title, axis_size), longest_axis_title)});
    if (!upright)
      for (std::size_t i = 0; i < source.size(); ++i)
        right = std::max(right, column_middle(i) + running * label_width(source[i], size) + size);
    page_width = right + margin;
    page_height = top + margin +
                  std::max(height + 2 * gap + legend_height + axis_size + gap,
                           std::min(text_width(target_title, axis_size), longest_axis_title));
  }

  double column_left(std::size_t column) const { return left + cell * static_cast<double>(column); }
  double column_middle(std::size_t column) const { return column_left(column) + 0.5 * cell; }
  double row_top(std::size_t row) const { return top + cell * static_cast<double>(row); }
};

std::string labels(const Heatmap& heatmap, const Layout& layout) {
  std::string body;
  if (!heatmap.title.empty())
    body += svg_text(margin, margin + title_size, heatmap.title,
                     {.size = title_size, .bold = true, .max_width = layout.page_width - 2 * margin});
  const double titles_line = margin + (heatmap.title.empty() ? 0 : title_size + 2 * gap) + axis_size;
  body += svg_text(layout.left, titles_line, layout.source_title,
                   {.size = axis_size, .colour = "#666", .max_width = layout.page_width - margin - layout.left});
  body += svg_text(margin + axis_size, layout.top, layout.target_title,
                   {.size = axis_size,
                    .anchor = "end",
                    .angle = -90,
                    .colour = "#666",
                    .max_width = layout.page_height - margin - layout.top});
  TextStyle label{.size = layout.size, .max_width = longest_label};
  label.anchor = layout.upright ? "middle" : "start";
  label.angle = layout.upright ? 0 : -60;
  for (std::size_t i = 0; i < layout.source.size(); ++i)
    body += svg_text(layout.column_middle(i) + (layout.upright ? 0 : 0.35 * layout.size), layout.top - gap,
                     layout.source[i], label);
  label.anchor = "end";
  label.angle = 0;
  for (std::size_t i = 0; i < layout.target.size(); ++i)
    body += svg_text(layout.left - gap, layout.row_top(i) + 0.5 * layout.cell + 0.36 * layout.size, layout.target[i],
                     label);
  return body;
}

std::string cells(const Heatmap& heatmap, const HeatmapValues& values, const Layout& layout) {
  std::string body;
  for (std::size_t row = 0; row < values.rows; ++row)
    for (std::size_t column = 0; column < values.columns; ++column) {
      const std::string tip =
          fmt::format("{} → {}: {:.3f}", among_left_to_right(steady(heatmap.target[row])),
                      among_left_to_right(steady(heatmap.source[column])), values.weight(row, column));
      body += "<g><title>" + xml_text(tip) + "</title>";
      body += svg_rect(layout.column_left(column), layout.row_top(row), layout.cell - 1, layout.cell - 1,
                       fmt::format(R"(fill="{}")", fill(values.shade(row, column))));
      body += "</g>";
    }
  for (std::size_t row = 0; row < heatmap.gold.size(); ++row)
    for (std::int64_t link : heatmap.gold[row])
      body += svg_rect(layout.column_left(static_cast<std::size_t>(link)) + 0.5, layout.row_top(row) + 0.5,
                       layout.cell - 2, layout.cell - 2, R"(fill="none" stroke="#d55e00" stroke-width="2")");
  return body;
}

std::string legend(const Heatmap& heatmap, const Layout& layout) {
  const double x = layout.left, y = layout.top + layout.height + 2 * gap;
  std::string body = R"(<defs><linearGradient id="heed-weights">)";
  for (std::size_t i = 0; i < ramp.size(); ++i)
    body += fmt::format(R"(<stop offset="{:g}" stop-color="{}"/>)", static_cast<double>(i) / 2, hex(ramp[i]));
  body += "</linearGradient></defs>\n";
  body += svg_rect(x, y, legend_width, legend_height, "fill='url(#heed-weights)'");
  const TextStyle small{.size = 11, .anchor = "middle", .colour = "#666"};
  const double line = y + legend_height + 11 + 2;
  return body + svg_text(x, line, "0", small) + svg_text(x + legend_width / 2, line, "weight", small) +
         svg_text(x + legend_width, line, fmt::format("{:g}", heatmap.maximum), small);
}

}  // namespace

std::string heatmap_svg(const Heatmap& heatmap) {
  const HeatmapValues values = checked_values(heatmap);
  const Layout layout(heatmap, values);
  return svg_document(layout.page_width, layout.page_height,
                      heatmap.title.empty() ? "attention weights" : heatmap.title,
                      labels(heatmap, layout) + cells(heatmap, values, layout) + legend(heatmap, layout));
}

}  // namespace heed::nn
