// Heatmap: attention weights as a picture. Rows are target words (what is being written), columns source words (what is
// being looked at); the darker a cell, the more weight.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heed/nn/train/terminal.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

struct Heatmap {
  std::string title = {};
  std::vector<std::string> target = {}, source = {};
  Tensor weights = {};  ///< f32 or f64 [target, source]
  double maximum = 1;   ///< the weight of the darkest shade; 0 has the lightest
  std::vector<std::vector<std::int64_t>> gold =
      {};  ///< per target the sources it should look at: outlined; may be absent
  std::string target_title = "target", source_title = "source";
};

// Both: ShapeError when weights, words and gold differ in number, DTypeError unless the weights are floats, IndexError
// for a gold link outside the matrix. A blank as a word is shown as ␣; weights outside [0, maximum] are shaded as the
// nearest of the two, NaN in yellow (text: "?").

/// An SVG document; the exact weight of each cell is its tooltip.
std::string heatmap_svg(const Heatmap& heatmap);

/// Lines of text: shades of colour if the terminal has them, else Unicode blocks on an interactive one, else tenths as
/// a digit. Source words are written downwards; what does not fit the width follows below. Gold is not shown.
std::string heatmap_text(const Heatmap& heatmap, const Terminal& terminal);

}  // namespace heed::nn
