// Task "glyphs": a digit of 5 × 7 dots somewhere on a large canvas, among strokes that mean nothing. What is to be told
// fills a small part of the image, so a model that looks everywhere alike reads mostly nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct GlyphsConfig {
  std::int64_t canvas = 28;  ///< C: width and height in dots
  std::int64_t scale = 1;    ///< dots of the canvas to each side of a dot of the digit
  std::int64_t clutter = 0;  ///< strokes of 4 dots, level or upright, which may touch the digit
};

struct GlyphBatch {
  Tensor images;  ///< [B, C, C] f32: 0 or 1
  Tensor labels;  ///< [B] i64: the digit, each equally likely
  Tensor boxes;   ///< [B, 4] i64: first row, first column, rows and columns of the digit; every place equally likely
};

inline constexpr std::int64_t glyph_rows = 7, glyph_columns = 5;

/// The 7 rows of 5 dots of a digit, '#' where there is ink. IndexError unless 0 <= digit <= 9.
std::string_view glyph(std::int64_t digit);

/// A constant is right about one of ten; counting dots, without clutter, about six of ten, because some digits have as
/// many as others, and less and less the more clutter there is. ShapeError unless batch and clutter >= 0, scale >= 1
/// and the digit and a stroke fit on the canvas.
GlyphBatch draw_glyphs(const GlyphsConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
