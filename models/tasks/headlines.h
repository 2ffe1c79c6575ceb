// Task "headlines": an article of random words, some of which follow a mark; the headline is these in their order. The
// smallest summary: what matters is known by what stands before it.
#pragma once

#include <cstdint>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct HeadlinesConfig {
  std::int64_t length = 24;      ///< of the article, marks included
  std::int64_t marked = 4;       ///< words of the headline
  std::int64_t vocabulary = 40;  ///< V words, 1 … V; 0 is the mark
};

struct HeadlineBatch {
  Tensor articles;   ///< [B, length] i64: different words, and a 0 before each that matters
  Tensor headlines;  ///< [B, marked] i64
  Tensor positions;  ///< [B, marked] i64: where these words stand in the article, ascending
};

/// All ways to place the marked words are equally likely. Who knows the article's words but not which are marked is
/// right about one word of length - marked; who knows nothing, about one of V. ShapeError unless batch >= 0, marked >=
/// 1, 2·marked <= length and the article's words are no more than V.
HeadlineBatch make_headlines(const HeadlinesConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
