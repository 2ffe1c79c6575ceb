#include "heed/nn/optim/optimizer.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/nn/internal/check_distinct_leaves.h"
#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

std::string prefix_of(std::size_t parameter) { return fmt::format("state.{}.", parameter); }

}  // namespace

Optimizer::Optimizer(std::string_view name, std::vector<Variable> parameters)
    : name_(name), parameters_(std::move(parameters)), state_(parameters_.size()) {
  if (parameters_.empty()) throw Error(fmt::format("{}: there are no parameters", name));
  check_distinct_leaves(name, parameters_);
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (!parameters_[i].value().is_contiguous())
      throw ShapeError(fmt::format("{}: parameter {} {} is not contiguous", name, i, parameters_[i].shape().str()));
}

void Optimizer::step() {
  check_settings();
  // All memory that a first step needs is there before anything changes.
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (state_[i].empty() && parameters_[i].grad().defined()) state_[i] = initial_state(parameters_[i].value());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& gradient = parameters_[i].grad();
    if (!gradient.defined()) continue;
    Tensor x = parameters_[i].value();  // a handle
    update(x, gradient, state_[i]);
  }
}

void Optimizer::zero_grad() {
  for (const Variable& parameter : parameters_) parameter.set_grad({});
}

StateDict Optimizer::state_dict() const {
  StateDict result;
  for (std::size_t i = 0; i < state_.size(); ++i)
    for (const auto& [name, tensor] : state_[i]) result.emplace(prefix_of(i) + name, tensor);
  return result;
}

void Optimizer::load_state_dict(const StateDict& state) {
  std::vector<StateDict> loaded(parameters_.size());
  StateDict target;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string prefix = prefix_of(i);
    const auto first = state.lower_bound(prefix);
    if (first == state.end() || !first->first.starts_with(prefix)) continue;  // not stepped yet
    loaded[i] = initial_state(parameters_[i].value());
    for (const auto& [name, tensor] : loaded[i]) target.emplace(prefix + name, tensor);
  }
  assign_state(target, state);
  for (const auto& [name, tensor] : target) {
    if (tensor.dtype() != DType::i64) continue;
    const auto count = tensor.item<std::int64_t>();
    if (count < 0 || count > std::int64_t{1} << 53)
      throw FormatError(fmt::format("load_state_dict: {} is {}, expected a count of 0 to 2^53", name, count));
  }
  state_ = std::move(loaded);
}

void Optimizer::check_setting(std::string_view setting, double value, bool holds, std::string_view expected) const {
  if (!holds || !std::isfinite(value))
    throw Error(fmt::format("{}: {} is {}, expected {}", name_, setting, value, expected));
}

void Optimizer::check_not_negative(std::string_view setting, double value) const {
  check_setting(setting, value, value >= 0, "a finite number that is not negative");
}

}  // namespace heed::nn
