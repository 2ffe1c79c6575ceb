// Multilayer perceptron (Rumelhart, Hinton and Williams 1986) for classes.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/nn/linear.h"
#include "heed/nn/module.h"
#include "heed/nn/module_list.h"

namespace heed::models {

struct MlpClassifierConfig {
  std::int64_t inputs = 0, classes = 0;
  std::vector<std::int64_t> hidden = {512, 512};  ///< units of each hidden layer; none: softmax regression
  double dropout = 0;                             ///< of each hidden layer's output, in training
  DType dtype = DType::f32;
};

/// h_0 = x, h_i = relu(W_i h_{i-1} + b_i), logits = W h_n + b.
class MlpClassifier {
 public:
  using Config = MlpClassifierConfig;

  /// ShapeError unless all sizes are positive, Error unless 0 <= dropout <= 1.
  MlpClassifier(const Config& config, const nn::ParameterSource& source);

  /// Logits [B, classes] of x [B, ..], whose other axes are flattened to `inputs` numbers; with a generator for dropout
  /// the model is in training. ShapeError, DTypeError.
  Variable forward(const Variable& x, Generator* dropout = nullptr) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("layers", self.layers_);
  }

  const Config& config() const { return config_; }

 private:
  nn::ModuleList<nn::Linear> layers_;
  Config config_;
};

}  // namespace heed::models
