// The two linear layers of a Transformer layer, and what configures one.
#pragma once

#include "heed/nn/dropout.h"
#include "heed/nn/linear.h"

namespace heed::nn {

enum class FeedForwardActivation : std::uint8_t {
  relu,
  gelu,      ///< exact, by erf
  gelu_tanh  ///< its approximation by tanh, as GPT-2 has it
};

/// Of an encoder layer or a decoder layer. Defaults are those of torch.nn.TransformerEncoderLayer.
struct TransformerLayerConfig {
  std::int64_t embed = 0, heads = 0;  ///< E (d_model), H (nhead)
  std::int64_t kv_heads = 0;          ///< of keys and values; 0: heads
  std::int64_t feedforward = 2048;    ///< F
  double dropout = 0.1;               ///< of attention weights, of what each part adds, and between the linear layers
  FeedForwardActivation activation = FeedForwardActivation::relu;
  bool norm_first = false;  ///< x + part(norm(x)), "pre-norm", in place of norm(x + part(x))
  double epsilon = 1e-5;    ///< of the norms
  bool bias = true;         ///< of all layers and norms
  DType dtype = DType::f32;
};

/// y = W₂·dropout(activation(W₁·x + b₁)) + b₂: x [.., E] -> y [.., E], F numbers between.
struct FeedForward {
  using Config = TransformerLayerConfig;

  /// ShapeError unless E and F are positive.
  FeedForward(const Config& config, const ParameterSource& source);

  Variable forward(const Variable& x, const Dropout& dropout, Generator* generator) const;

  Linear linear1, linear2;
  FeedForwardActivation activation;
};

}  // namespace heed::nn
