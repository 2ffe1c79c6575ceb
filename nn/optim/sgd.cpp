#include "heed/nn/optim/sgd.h"

#include "heed/nn/internal/optimizer_pass.h"

namespace heed::nn {

void Sgd::check(const Config& config, const SettingCheck& check) {
  check.not_negative("learning_rate", config.learning_rate);
  check.not_negative("momentum", config.momentum);
  check.holds("dampening", config.dampening, config.dampening <= 1, "a finite number of at most 1");
  check.not_negative("weight_decay", config.weight_decay);
  if (!config.nesterov) return;
  check.holds("momentum", config.momentum, config.momentum > 0, "a number above 0 for nesterov");
  check.holds("dampening", config.dampening, config.dampening == 0, "0 for nesterov");
}

Optimizer::Memories Sgd::remembered(const Config& config) {
  return {Memory{.name = "momentum_buffer", .kept = config.momentum != 0}};
}

void Sgd::change(const Config& config, const Update& one) {
  const kernels::SgdStep step{.learning_rate = config.learning_rate,
                              .momentum = config.momentum,
                              .gradient_share = one.starts ? 1 : 1 - config.dampening,
                              .weight_decay = config.weight_decay,
                              .nesterov = config.nesterov};
  optimizer_pass<1>(one.x, one.gradient, one.memory,
                    [&](const auto& kernels, auto... row) { kernels.sgd(step, row...); });
}

}  // namespace heed::nn
