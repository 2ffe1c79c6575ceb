#include "heed/nn/optim/sgd.h"

#include "heed/nn/optim/require_updatable.h"
#include "heed/tensor/elementwise.h"
#include "heed/tensor/mutate.h"

namespace heed::nn {

Sgd::Sgd(std::vector<Variable> parameters, const Config& c)
    : config(c), parameters_(std::move(parameters)), velocity_(parameters_.size()) {
  require_updatable("sgd", parameters_);
}

void Sgd::step() {
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
