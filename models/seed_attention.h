// The attention module of the first textbooks' programs: queries, keys and values of the input itself, and nothing
// else. It is here to be compared with what came of it.
#pragma once

#include "heed/nn/attention/attend.h"
#include "heed/nn/linear.h"

namespace heed::models {

/// context = softmax(Q·Kᵀ)·V with Q = x·W_Qᵀ + b_Q, K and V alike. Neither scale nor mask nor output projection: for
/// normal numbers of width D and the usual first weights a score has a standard deviation of √D/3, and the softmax is
/// nearly a choice of one position where D is large (D = 512: a mean largest weight of about 0.86 of 10).
struct SeedAttention {
  struct Config {
    std::int64_t width = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless the width is positive.
  SeedAttention(const Config& config, const nn::ParameterSource& source);

  /// x [.., S, D] -> context [.., S, D], weights [.., S, S]. ShapeError.
  nn::AttentionOutput forward(const Variable& x) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("query", self.query);
    visitor("key", self.key);
    visitor("value", self.value);
  }

  nn::Linear query, key, value;
};

}  // namespace heed::models
