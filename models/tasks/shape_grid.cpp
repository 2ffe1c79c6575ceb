#include "heed/models/tasks/shape_grid.h"

#include <fmt/format.h>

#include <array>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

constexpr std::int64_t colours = 4, shapes = 3, dots = 5;

// Words 0 to 3 are the colours, 4 to 6 the shapes.
constexpr std::array<std::array<float, 3>, colours> rgb{{{1, 0, 0}, {0, 0.7F, 0}, {0, 0, 1}, {1, 0.8F, 0}}};
constexpr std::array<std::string_view, shapes> drawn{
    "#####"
    "#...#"
    "#...#"
    "#...#"
    "#####",
    "..#.."
    "..#.."
    "#####"
    "..#.."
    "..#..",
    "....."
    "..#.."
    ".###."
    "#####"
    "....."};

void draw(float* image, std::int64_t side, std::int64_t cell, std::int64_t colour, std::int64_t shape) {
  const std::int64_t width = dots * side, row = cell / side * dots, column = cell % side * dots;
  for (std::int64_t dot = 0; dot < dots * dots; ++dot) {
    if (drawn[to_size(shape)][to_size(dot)] != '#') continue;
    for (std::int64_t channel = 0; channel < 3; ++channel)
      image[(channel * width + row + dot / dots) * width + column + dot % dots] =
          rgb[to_size(colour)][to_size(channel)];
  }
}

}  // namespace

const WordList& shape_grid_words() {
  static const WordList list("shape grid", {"red", "green", "blue", "yellow", "square", "cross", "triangle"});
  return list;
}

ShapeGrid make_shape_grid(const ShapeGridConfig& c, Generator& generator) {
  if (c.side < 1) throw ShapeError(fmt::format("shape grid: {} cells to a side, expected one or more", c.side));
  if (!(c.filled >= 0 && c.filled <= 1))
    throw Error(fmt::format("shape grid: a share of {} cells, expected 0 to 1", c.filled));
  const std::int64_t cells = c.side * c.side;
  std::vector<bool> filled;
  std::int64_t number = 0;
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    filled.push_back(generator.uniform() < c.filled);
    number += filled.back();
  }
  if (number == 0) filled[to_size(generator.uniform_int(cells))] = true;

  ShapeGrid grid{zeros({3, dots * c.side, dots * c.side}), {}};
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    if (!filled[to_size(cell)]) {
      grid.caption.source.push_back(0);
      continue;
    }
    const std::int64_t colour = generator.uniform_int(colours), shape = generator.uniform_int(shapes);
    draw(grid.image.mutable_data<float>(), c.side, cell, colour, shape);
    grid.caption.source.push_back(1 + colour * shapes + shape);
    for (const std::int64_t word : {colour, colours + shape}) {
      grid.caption.target.push_back(word);
      grid.caption.alignment.push_back({cell});
    }
  }
  return grid;
}

}  // namespace heed::models
