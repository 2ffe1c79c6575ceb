// Task "digits": gray images of the digits 0 to 9, drawn with a pen whose lines are bent, moved and of any width. What
// mnist learns from where there are no files: much easier than handwriting.
#pragma once

#include <cstdint>

#include "heed/tensor/random/random.h"

namespace heed::models {

inline constexpr std::int64_t digit_image_size = 28;

struct DigitBatch {
  Tensor images;  ///< [B, 28, 28] f32: 0 is paper, 1 is ink
  Tensor labels;  ///< [B] i64, each digit equally likely
};

/// Each image shows its digit under a random affine map of the plane (shift, scale, turn, slant), with its corners
/// moved a little, a pen of random width, and edges that are not smooth. ShapeError for a negative batch.
DigitBatch draw_digits(std::int64_t batch, Generator& generator);

}  // namespace heed::models
