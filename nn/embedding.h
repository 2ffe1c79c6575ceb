// Embedding layer.
#pragma once

#include <optional>
#include <set>

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// y[..] = weight[ids[..]]: ids [..] i64 in [-num_embeddings, num_embeddings) -> y [.., embedding_dim]. Parameter as in
/// torch.nn.Embedding: weight [num_embeddings, embedding_dim], drawn from N(0, 1).
///
/// With a padding index the padding id gives zeros, whatever stands in its row, and gives that row no gradient. The row
/// starts as zeros, whatever draws the weight, stays so through every optimizer, and is zeros again after
/// load_state_dict(). Where the weight has a second use (the output layer of a language model that lists it under a
/// second name), that use trains the row like any other, and it is loaded as it was saved. A second use that visit()
/// does not list by a name is not known: loading makes its row zeros too.
struct Embedding {
  struct Config {
    std::int64_t num_embeddings = 0, embedding_dim = 0;
    std::optional<std::int64_t> padding_idx = {};  ///< in [-num_embeddings, num_embeddings)
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive, IndexError for a padding index outside.
  Embedding(const Config& config, const ParameterSource& source);

  Variable forward(const Tensor& ids) const;

  /// For load_state_dict(): the padding row becomes zeros, unless the weight is among those with several names.
  void after_load(const std::set<const Node*>& tied) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
  std::optional<std::int64_t> padding_idx;  ///< counted from the beginning
};

}  // namespace heed::nn
