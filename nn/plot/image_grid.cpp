#include "heed/nn/plot/image_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/nn/plot/svg.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {
namespace {

constexpr double margin = 16, gap = 8, title_size = 15, caption_size = 11, image_width = 72, longest_title = 480;
constexpr int levels = 15;

// The shade of a pixel: 0 is white, 15 black, -1 not a number.
int shade_of(double value) {
  if (std::isnan(value)) return -1;
  return static_cast<int>(std::lround(std::clamp(value, 0.0, 1.0) * levels));
}

std::string colour_of(int shade) {
  if (shade < 0) return "#f2c14e";
  const int gray = 255 - shade * 17;
  return fmt::format("#{0:02x}{0:02x}{0:02x}", gray);
}

// Neighbours of one shade in a row are one rectangle.
std::string image(const double* pixels, std::int64_t height, std::int64_t width, double x, double y) {
  const double pixel = image_width / static_cast<double>(std::max<std::int64_t>(width, 1));
  std::string body;
  for (std::int64_t row = 0; row < height; ++row)
    for (std::int64_t begin = 0, end = 0; begin < width; begin = end) {
      const double* const line = pixels + row * width;
      const int shade = shade_of(line[begin]);
      for (end = begin; end < width && shade_of(line[end]) == shade; ++end) {
      }
      if (shade == 0) continue;
      body += svg_rect(x + pixel * static_cast<double>(begin), y + pixel * static_cast<double>(row),
                       pixel * static_cast<double>(end - begin), pixel, fmt::format(R"(fill="{}")", colour_of(shade)));
    }
  return body;
}

}  // namespace

std::string image_grid_svg(const ImageGrid& grid) {
  if (grid.images.rank() != 3 || grid.images.size(0) != std::ssize(grid.captions) || grid.columns < 1)
    throw ShapeError(fmt::format("image_grid: images {}, {} captions, {} columns: expected [N, H, W], N, 1 or more",
                                 grid.images.shape().str(), grid.captions.size(), grid.columns));
  if (!is_float(grid.images.dtype())) throw_dtype("image_grid: images", grid.images.dtype(), "f32 or f64");
  const Tensor images = to(grid.images, DType::f64).contiguous();
  const std::int64_t count = images.size(0), height = images.size(1), width = images.size(2);
  const double image_height =
      image_width * static_cast<double>(height) / static_cast<double>(std::max<std::int64_t>(width, 1));
  const double cell_width = image_width + gap, cell_height = image_height + caption_size + 2 * gap,
               top = margin + (grid.title.empty() ? 0 : title_size + 2 * gap);
  std::string body;
  if (!grid.title.empty())
    body += svg_text(margin, margin + title_size, grid.title,
                     {.size = title_size, .bold = true, .max_width = longest_title});
  for (std::int64_t i = 0; i < count; ++i) {
    const double x = margin + cell_width * static_cast<double>(i % grid.columns),
                 y = top + cell_height * static_cast<double>(i / grid.columns);
    body += svg_rect(x, y, image_width, image_height, R"(fill="none" stroke="#ccc")");
    body += R"(<g shape-rendering="crispEdges">)" +
            image(images.data<double>() + i * height * width, height, width, x, y) + "</g>\n";
    body += svg_text(x + image_width / 2, y + image_height + caption_size, grid.captions[static_cast<std::size_t>(i)],
                     {.size = caption_size, .anchor = "middle", .max_width = image_width});
  }
  const std::int64_t across = std::clamp<std::int64_t>(count, 1, grid.columns),
                     down = (count + grid.columns - 1) / grid.columns;
  const double page_width = std::max(2 * margin + cell_width * static_cast<double>(across),
                                     2 * margin + std::min(text_width(grid.title, title_size, true), longest_title));
  return svg_document(page_width, top + cell_height * static_cast<double>(down) + margin,
                      grid.title.empty() ? "images" : grid.title, body);
}

}  // namespace heed::nn
