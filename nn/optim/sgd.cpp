#include "heed/nn/optim/sgd.h"

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {

Sgd::Sgd(std::vector<Variable> parameters, const Config& c) : Optimizer("sgd", std::move(parameters)), config(c) {
  check_settings();
}

void Sgd::check_settings() const {
  check_not_negative("learning_rate", config.learning_rate);
  check_not_negative("momentum", config.momentum);
}

StateDict Sgd::initial_state(const Tensor& x) const {
  if (config.momentum == 0) return {};
  return {{"momentum_buffer", zeros(x.shape(), x.dtype())}};
}

void Sgd::update(Tensor& x, const Tensor& gradient, StateDict& state) {
  if (config.momentum == 0) {
    state.clear();  // of a momentum that was switched off
    add_scaled(x, gradient, -config.learning_rate);
    return;
  }
  Tensor& velocity = state.at("momentum_buffer");
  velocity = velocity * config.momentum;
  add_scaled(velocity, gradient);
  add_scaled(x, velocity, -config.learning_rate);
}

}  // namespace heed::nn
