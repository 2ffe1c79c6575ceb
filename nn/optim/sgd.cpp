#include "heed/nn/optim/sgd.h"

#include "heed/nn/optim/require_updatable.h"
#include "heed/tensor/elementwise.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/require_settings.h"

namespace heed::nn {
namespace {

void require_settings(const Sgd::Config& config) {
  require_not_negative("sgd", "learning_rate", config.learning_rate);
  require_not_negative("sgd", "momentum", config.momentum);
}

}  // namespace

Sgd::Sgd(std::vector<Variable> parameters, const Config& c)
    : config(c), parameters_(std::move(parameters)), velocity_(parameters_.size()) {
  require_updatable("sgd", parameters_);
  require_settings(config);
}

void Sgd::step() {
  require_settings(config);
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
