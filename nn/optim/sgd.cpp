#include "heed/nn/optim/sgd.h"

#include "heed/nn/internal/check_updatable.h"
#include "heed/tensor/internal/check_settings.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {
namespace {

void check_settings(const Sgd::Config& config) {
  check_not_negative("sgd", "learning_rate", config.learning_rate);
  check_not_negative("sgd", "momentum", config.momentum);
}

}  // namespace

Sgd::Sgd(std::vector<Variable> parameters, const Config& c)
    : config(c), parameters_(std::move(parameters)), velocity_(parameters_.size()) {
  check_updatable("sgd", parameters_);
  check_settings(config);
}

void Sgd::step() {
  check_settings(config);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Tensor direction = parameters_[i].grad();
    if (!direction.defined()) continue;
    if (config.momentum != 0) {
      velocity_[i] = velocity_[i].defined() ? velocity_[i] * config.momentum + direction : direction.clone();
      direction = velocity_[i];
    }
    Tensor x = parameters_[i].value();
    add_scaled(x, direction, -config.learning_rate);
  }
}

void Sgd::zero_grad() {
  for (const Variable& parameter : parameters_) parameter.set_grad({});
}

}  // namespace heed::nn
