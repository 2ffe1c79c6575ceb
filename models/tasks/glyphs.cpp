#include "heed/models/tasks/glyphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

constexpr std::int64_t stroke = 4;

// Row after row.
constexpr std::array<std::string_view, 10> glyphs{
    ".###."
    "#...#"
    "#..##"
    "#.#.#"
    "##..#"
    "#...#"
    ".###.",
    "..#.."
    ".##.."
    "..#.."
    "..#.."
    "..#.."
    "..#.."
    ".###.",
    ".###."
    "#...#"
    "....#"
    "...#."
    "..#.."
    ".#..."
    "#####",
    "#####"
    "...#."
    "..#.."
    "...#."
    "....#"
    "#...#"
    ".###.",
    "...#."
    "..##."
    ".#.#."
    "#..#."
    "#####"
    "...#."
    "...#.",
    "#####"
    "#...."
    "####."
    "....#"
    "....#"
    "#...#"
    ".###.",
    "..##."
    ".#..."
    "#...."
    "####."
    "#...#"
    "#...#"
    ".###.",
    "#####"
    "....#"
    "...#."
    "..#.."
    ".#..."
    ".#..."
    ".#...",
    ".###."
    "#...#"
    "#...#"
    ".###."
    "#...#"
    "#...#"
    ".###.",
    ".###."
    "#...#"
    "#...#"
    ".####"
    "....#"
    "...#."
    ".##.."};

struct Canvas {
  float* image;
  std::int64_t width;

  void ink(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns) const {
    for (std::int64_t r = row; r < row + rows; ++r) std::fill_n(image + r * width + column, columns, 1.0F);
  }
};

void draw_digit(const Canvas& canvas, std::int64_t digit, std::int64_t row, std::int64_t column, std::int64_t scale) {
  for (std::int64_t r = 0; r < glyph_rows; ++r)
    for (std::int64_t c = 0; c < glyph_columns; ++c)
      if (glyphs[to_size(digit)][to_size(r * glyph_columns + c)] == '#')
        canvas.ink(row + r * scale, column + c * scale, scale, scale);
}

void check(const GlyphsConfig& c, std::int64_t batch) {
  if (batch < 0 || c.clutter < 0 || c.scale < 1 || c.canvas < stroke || c.canvas / c.scale < glyph_rows)
    throw ShapeError(
        fmt::format("glyphs: {} canvases {} wide, scale {}, {} strokes, expected no negative number of "
                    "canvases and strokes, a positive scale, and a canvas of {} times the scale",
                    batch, c.canvas, c.scale, c.clutter, glyph_rows));
}

}  // namespace

std::string_view glyph(std::int64_t digit) {
  if (digit < 0 || digit > 9) throw IndexError(fmt::format("glyph: {} is no digit", digit));
  return glyphs[to_size(digit)];
}

GlyphBatch draw_glyphs(const GlyphsConfig& c, std::int64_t batch, Generator& generator) {
  check(c, batch);
  GlyphBatch result{zeros({batch, c.canvas, c.canvas}), {}, {}};
  Canvas canvas{result.images.mutable_data<float>(), c.canvas};
  const std::int64_t rows = glyph_rows * c.scale, columns = glyph_columns * c.scale;
  std::vector<std::int64_t> labels, boxes;
  for (std::int64_t b = 0; b < batch; ++b, canvas.image += c.canvas * c.canvas) {
    for (std::int64_t i = 0; i < c.clutter; ++i) {
      const bool level = generator.uniform_int(2) == 1;
      const std::int64_t along = generator.uniform_int(c.canvas - stroke + 1), across = generator.uniform_int(c.canvas);
      if (level)
        canvas.ink(across, along, 1, stroke);
      else
        canvas.ink(along, across, stroke, 1);
    }
    labels.push_back(generator.uniform_int(10));
    const std::int64_t row = generator.uniform_int(c.canvas - rows + 1),
                       column = generator.uniform_int(c.canvas - columns + 1);
    draw_digit(canvas, labels.back(), row, column, c.scale);
    boxes.insert(boxes.end(), {row, column, rows, columns});
  }
  result.labels = tensor(labels, {batch});
  result.boxes = tensor(boxes, {batch, 4});
  return result;
}

}  // namespace heed::models
