// Learned positions (Gehring et al. 2017; BERT, GPT).
#pragma once

#include "heed/nn/parameter_source.h"
#include "heed/nn/positions/positions.h"

namespace heed::nn {

/// y = x + weight[p]. Parameter: weight [positions, features], drawn from N(0, 0.02²), as in BERT and GPT-2; its state
/// is that of torch.nn.Embedding.
struct LearnedPositions {
  struct Config {
    std::int64_t positions = 0, features = 0;  ///< how many positions there are, D
    DType dtype = DType::f32;
  };

  /// ShapeError unless both sizes are positive.
  LearnedPositions(const Config& config, const ParameterSource& source);

  /// x [B, T, D] -> [B, T, D]. ShapeError, DTypeError; IndexError for a position that there is not.
  Variable forward(const Variable& x, const Positions& positions = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  Parameter weight;
};

}  // namespace heed::nn
