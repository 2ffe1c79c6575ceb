// Stochastic gradient descent.
#pragma once

#include "heed/nn/optim/groups.h"

namespace heed::nn {

struct SgdConfig {
  double learning_rate = 0.01;  ///< finite, not negative
  double momentum = 0;          ///< finite, not negative
  double dampening = 0;         ///< finite, at most 1
  double weight_decay = 0;      ///< finite, not negative
  bool nesterov = false;        ///< needs a momentum and no dampening
};

/// PyTorch's form. The gradient g of the loss is joined by the decay, g + weight_decay·x, and x -= learning_rate·g.
/// With momentum μ
///   v = μ·v + (1 - dampening)·g, the first v = g      x -= learning_rate·v, with nesterov ·(g + μ·v)
/// Remembered: momentum_buffer (v), where there is a momentum.
class Sgd final : public GroupedOptimizer<Sgd, SgdConfig> {
 public:
  using GroupedOptimizer::GroupedOptimizer;

 private:
  friend GroupedOptimizer;
  static constexpr std::string_view name = "sgd";
  static void check(const Config& config, const SettingCheck& check);
  static Memories remembered(const Config& config);
  static void change(const Config& config, const Update& one);
};

}  // namespace heed::nn
