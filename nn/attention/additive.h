// Additive attention (Bahdanau, Cho and Bengio 2015): e = vᵀ tanh(W q + U k).
#pragma once

#include "heed/nn/attention/attend.h"
#include "heed/nn/module.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// The sources an attention reads from, prepared once: for many queries, one at a time or together.
struct AdditiveMemory {
  Variable keys;    ///< U·k [B, S, A]
  Variable values;  ///< [B, S, D], 0 where the mask forbids
  Tensor mask;      ///< [B, 1, S] bool, true = may be attended; undefined = everything
};

/// Parameters: query.weight W [A, query], key.weight U [A, key], v [A]; drawn as in the paper's appendix: W and U from
/// N(0, 0.001²), v = 0, so that the first alignment is exactly uniform.
struct AdditiveAttention {
  struct Config {
    std::int64_t query = 0, key = 0, hidden = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless query, key and hidden are positive.
  AdditiveAttention(const Config& config, Generator& generator);

  /// keys [B, S, key], values [B, S, D]; ShapeError for others. S = 0 is a source with nothing to attend to.
  AdditiveMemory remember(const Variable& keys, const Variable& values, const Tensor& mask) const;

  /// query [B, T, query] -> context [B, T, D], weights [B, T, S]. ShapeError when query and memory do not fit.
  AttentionOutput forward(const Variable& query, const AdditiveMemory& memory) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("query.weight", self.query_weight);
    visitor("key.weight", self.key_weight);
    visitor("v", self.v);
  }

  Parameter query_weight, key_weight, v;
};

}  // namespace heed::nn
