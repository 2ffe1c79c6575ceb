// Embedding layer.
#pragma once

#include "heed/nn/module.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// y[..] = weight[ids[..]]: ids [..] i64 in [-count, count) -> y [.., width]. Parameter as in torch.nn.Embedding:
/// weight [count, width], drawn from N(0, 1).
struct Embedding {
  struct Config {
    std::int64_t count = 0, width = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive.
  Embedding(const Config& config, Generator& generator);

  Variable forward(const Tensor& ids) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
};

}  // namespace heed::nn
