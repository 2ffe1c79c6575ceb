#include "heed/nn/optim/rms_prop.h"

#include "heed/nn/internal/optimizer_pass.h"

namespace heed::nn {

void RmsProp::check(const Config& config, const SettingCheck& check) {
  check.not_negative("learning_rate", config.learning_rate);
  check.fraction("alpha", config.alpha);
  check.positive("epsilon", config.epsilon);
  check.not_negative("momentum", config.momentum);
  check.not_negative("weight_decay", config.weight_decay);
}

Optimizer::Memories RmsProp::remembered(const Config& config) {
  return {Memory{"square_avg"}, Memory{.name = "grad_avg", .kept = config.centered},
          Memory{.name = "momentum_buffer", .kept = config.momentum > 0}};
}

void RmsProp::change(const Config& config, const Update& one) {
  const kernels::RmsPropStep step{.learning_rate = config.learning_rate,
                                  .alpha = config.alpha,
                                  .epsilon = config.epsilon,
                                  .momentum = config.momentum,
                                  .weight_decay = config.weight_decay};
  optimizer_pass<3>(one.x, one.gradient, one.memory,
                    [&](const auto& kernels, auto... row) { kernels.rms_prop(step, row...); });
}

}  // namespace heed::nn
