// Task "shape grid": an image of three by three cells, some of which have a coloured shape, and a caption that names
// these in reading order: "red cross blue square". The smallest image captioning, with the cell of each word known.
#pragma once

#include "heed/models/tasks/sequence_pair.h"
#include "heed/models/tasks/word_list.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct ShapeGridConfig {
  std::int64_t side = 3;  ///< cells to each side
  double filled = 0.4;    ///< the share of cells with a shape
};

struct ShapeGrid {
  Tensor image;          ///< [3, 5·side, 5·side] f32: red, green and blue from 0 to 1; each cell has 5 × 5 dots
  SequencePair caption;  ///< source: a cell each, 0 where it is empty, else 1 + 3·colour + shape; target: words of
                         ///< shape_grid_words(), a colour and a shape for each filled cell, both aligned to it
};

const WordList& shape_grid_words();

/// Each cell is filled with this probability, one at random where none is; colours and shapes are equally likely. Who
/// knows what is there but not where gets the order of k shapes right about once in k!. ShapeError unless side >= 1;
/// Error unless 0 <= filled <= 1.
ShapeGrid make_shape_grid(const ShapeGridConfig& config, Generator& generator);

}  // namespace heed::models
