#include "heed/nn/optim/adadelta.h"

#include "heed/nn/internal/optimizer_pass.h"

namespace heed::nn {

void Adadelta::check(const Config& config, const SettingCheck& check) {
  check.not_negative("learning_rate", config.learning_rate);
  check.fraction("rho", config.rho);
  check.positive("epsilon", config.epsilon);
  check.not_negative("weight_decay", config.weight_decay);
}

Optimizer::Memories Adadelta::remembered(const Config&) { return {Memory{"square_avg"}, Memory{"acc_delta"}}; }

void Adadelta::change(const Config& config, const Update& one) {
  const kernels::AdadeltaStep step{.learning_rate = config.learning_rate,
                                   .rho = config.rho,
                                   .epsilon = config.epsilon,
                                   .weight_decay = config.weight_decay};
  optimizer_pass<2>(one.x, one.gradient, one.memory,
                    [&](const auto& kernels, auto... row) { kernels.adadelta(step, row...); });
}

}  // namespace heed::nn
