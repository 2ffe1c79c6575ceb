#include "heed/nn/optim/adam.h"

#include <cmath>

#include "heed/nn/internal/optimizer_pass.h"
#include "heed/nn/internal/power.h"

namespace heed::nn {
namespace {

// What both have in common: the settings, and the step but for the decay.

void check_moments(const auto& config, const auto& check) {
  check.not_negative("learning_rate", config.learning_rate);
  check.fraction("beta1", config.beta1);
  check.fraction("beta2", config.beta2);
  check.positive("epsilon", config.epsilon);
  check.not_negative("weight_decay", config.weight_decay);
}

kernels::AdamStep moments_step(const auto& config, std::int64_t count) {
  const auto t = static_cast<double>(count);
  return {.beta1 = config.beta1,
          .beta2 = config.beta2,
          .step_size = config.learning_rate / (1 - power(config.beta1, t)),
          .root_correction = std::sqrt(1 - power(config.beta2, t)),
          .epsilon = config.epsilon};
}

void run(const kernels::AdamStep& step, const auto& one) {
  optimizer_pass<2>(one.x, one.gradient, one.memory,
                    [&](const auto& kernels, auto... row) { kernels.adam(step, row...); });
}

}  // namespace

void Adam::check(const Config& config, const SettingCheck& check) { check_moments(config, check); }

Optimizer::Memories Adam::remembered(const Config&) { return {Memory{"exp_avg"}, Memory{"exp_avg_sq"}}; }

void Adam::change(const Config& config, const Update& one) {
  kernels::AdamStep step = moments_step(config, one.step);
  step.weight_decay = config.weight_decay;
  run(step, one);
}

void AdamW::check(const Config& config, const SettingCheck& check) { check_moments(config, check); }

Optimizer::Memories AdamW::remembered(const Config&) { return {Memory{"exp_avg"}, Memory{"exp_avg_sq"}}; }

void AdamW::change(const Config& config, const Update& one) {
  kernels::AdamStep step = moments_step(config, one.step);
  step.shrink = 1 - config.learning_rate * config.weight_decay;
  run(step, one);
}

}  // namespace heed::nn
