#include "heed/nn/optim/adam.h"

#include "heed/nn/internal/check_updatable.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/check_settings.h"

namespace heed::nn {

Adam::Adam(std::vector<Variable> parameters, const Config& c)
    : config(c), parameters_(std::move(parameters)), moments_(parameters_.size()) {
  check_updatable("adam", parameters_);
  check_settings("adam", config);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    moments_[i].first = zeros(parameters_[i].shape(), parameters_[i].dtype());
    moments_[i].second = zeros(parameters_[i].shape(), parameters_[i].dtype());
  }
}

void Adam::step() {
  check_settings("adam", config);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& gradient = parameters_[i].grad();
    if (!gradient.defined()) continue;
    Moments& m = moments_[i];
    Tensor x = parameters_[i].value();
    adam_update(x, m.first, m.second, gradient, config, m.steps + 1);
    ++m.steps;
  }
}

void Adam::zero_grad() {
  for (const Variable& parameter : parameters_) parameter.set_grad({});
}

}  // namespace heed::nn
