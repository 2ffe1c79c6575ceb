#include "heed/nn/optim/adagrad.h"

#include "heed/nn/internal/optimizer_pass.h"

namespace heed::nn {

void Adagrad::check(const Config& config, const SettingCheck& check) {
  check.not_negative("learning_rate", config.learning_rate);
  check.not_negative("lr_decay", config.lr_decay);
  check.not_negative("weight_decay", config.weight_decay);
  check.not_negative("initial_accumulator_value", config.initial_accumulator_value);
  check.positive("epsilon", config.epsilon);
}

Optimizer::Memories Adagrad::remembered(const Config& config) {
  return {Memory{.name = "sum", .start = config.initial_accumulator_value}};
}

void Adagrad::change(const Config& config, const Update& one) {
  const auto before = static_cast<double>(one.step - 1);
  const kernels::AdagradStep step{.learning_rate = config.learning_rate / (1 + before * config.lr_decay),
                                  .epsilon = config.epsilon,
                                  .weight_decay = config.weight_decay};
  optimizer_pass<1>(one.x, one.gradient, one.memory,
                    [&](const auto& kernels, auto... row) { kernels.adagrad(step, row...); });
}

}  // namespace heed::nn
