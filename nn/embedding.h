// Embedding layer.
#pragma once

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// y[..] = weight[ids[..]]: ids [..] i64 in [-num_embeddings, num_embeddings) -> y [.., embedding_dim]. Parameter as in
/// torch.nn.Embedding: weight [num_embeddings, embedding_dim], drawn from N(0, 1).
struct Embedding {
  struct Config {
    std::int64_t num_embeddings = 0, embedding_dim = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive.
  Embedding(const Config& config, const ParameterSource& source);

  Variable forward(const Tensor& ids) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
};

}  // namespace heed::nn
