// Relative positions in buckets (Raffel et al. 2020, T5).
#pragma once

#include <optional>

#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// How distances share buckets.
struct T5Buckets {
  std::int64_t buckets = 32;        ///< even where bidirectional
  std::int64_t max_distance = 128;  ///< from here on all distances share the last bucket
  bool bidirectional = true;        ///< half of the buckets for keys behind the query; else those have bucket 0
};

/// The bucket of each distance d = key - query, i64 of any shape. Of n buckets for one direction the first e = n/2,
/// rounded down, have one distance each; distance r >= e is in bucket e + ⌊(n - e)·log(r/e)/log(max_distance/e)⌋, at
/// most n - 1. The borders of the logarithm are whole numbers, those within 10⁻¹² of one that one itself. ShapeError unless there are at
/// least two buckets for a direction and max_distance is above e; DTypeError.
Tensor t5_buckets(const Tensor& distances, const T5Buckets& layout = {});

/// A bias for each head and bucket, added to scores. Parameter: weight [buckets, heads], drawn from N(0, 0.02²); its
/// state is that of the torch.nn.Embedding of other implementations.
struct T5Bias {
  struct Config {
    std::int64_t heads = 0;
    T5Buckets layout = {};
    DType dtype = DType::f32;
  };

  /// ShapeError unless heads is positive and the layout as above.
  T5Bias(const Config& config, const ParameterSource& source);

  /// [1, H, T, S] for the query at position first_position + t and the key at s. `first_position` is S - T unless
  /// given, so that the last query is at the last key (a cache holds the keys before). ShapeError; IndexError where it
  /// lies outside ±2^31.
  Variable forward(std::int64_t queries, std::int64_t keys, std::optional<std::int64_t> first_position = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  T5Buckets layout;
  Parameter weight;
};

}  // namespace heed::nn
