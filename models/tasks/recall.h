// Task "recall": pairs of a key and a value, then a query that names some of the keys; their values are to be told in
// the query's order. With several keys in one query, a model has to look at several pairs at once and tell them apart.
#pragma once

#include <cstdint>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct RecallConfig {
  std::int64_t pairs = 8;
  std::int64_t asked = 1;    ///< keys of one query, at most `pairs`
  std::int64_t keys = 32;    ///< different keys there are, at least `pairs`
  std::int64_t values = 32;  ///< the same of values
};

struct RecallBatch {
  Tensor keys;       ///< [B, pairs] i64, different in each row
  Tensor values;     ///< [B, pairs] i64, different in each row
  Tensor queries;    ///< [B, asked] i64: keys of the row, all different
  Tensor answers;    ///< [B, asked] i64: their values
  Tensor positions;  ///< [B, asked] i64: where in the row they are, all places equally likely
};

/// Who knows the values of a row but not their keys is right about one answer of `pairs`; who knows nothing, about one
/// of `values`. ShapeError unless batch >= 0 and 1 <= asked <= pairs <= keys, values.
RecallBatch make_recall(const RecallConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models
