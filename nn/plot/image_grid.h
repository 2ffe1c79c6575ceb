// ImageGrid: small gray images with a line of text under each, as an SVG document.
#pragma once

#include <string>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::nn {

struct ImageGrid {
  std::string title = {};
  Tensor images = {};                      ///< [N, H, W], f32 or f64, 0 white to 1 black; what is outside is cut off
  std::vector<std::string> captions = {};  ///< N
  std::int64_t columns = 10;
};

/// ShapeError when images and captions differ in number, DTypeError unless the images are floats; NaN is yellow.
std::string image_grid_svg(const ImageGrid& grid);

}  // namespace heed::nn
