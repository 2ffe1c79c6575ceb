// Optimizer: what all optimizers share. One of them states its settings, what it remembers of a parameter, and how it
// changes one; checks, zero_grad(), steps and checkpoints follow (nn/optim/sgd.h is the shortest example).
//
//   write_safetensors("optimizer.safetensors", {adam.state_dict(), {}});             // beside the model's state_dict
//   adam.load_state_dict(read_safetensors("optimizer.safetensors").tensors);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "heed/autograd/variable.h"
#include "heed/nn/state_dict.h"

namespace heed::nn {

class Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;  // a copy would step the same parameters
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(const Optimizer&) = delete;
  Optimizer& operator=(Optimizer&&) = default;
  virtual ~Optimizer() = default;

  /// One update of every parameter that has a gradient; the others, and what is remembered of them, stay. Error when a
  /// setting is out of its range, before anything changes.
  void step();

  /// Clears the gradients of all parameters.
  void zero_grad();

  const std::vector<Variable>& parameters() const { return parameters_; }

  /// What is remembered, under PyTorch's names: "state.0.exp_avg" belongs to parameters()[0]. A parameter that has not
  /// been stepped yet has none. Settings are not among it. The tensors are the optimizer's own: write them to a file,
  /// or clone() them, before the next step.
  StateDict state_dict() const;

  /// Takes what state_dict() gave to an optimizer of the same kind, with the same settings, for the same parameters:
  /// training then goes on with the same bits. Converts between f32 and f64. FormatError that
  /// names what is missing, unexpected or of another shape; nothing has changed then.
  void load_state_dict(const StateDict& state);

 protected:
  /// Messages begin with `name`. GradError unless all parameters are leaves, each there once; ShapeError unless they
  /// are contiguous; Error when there are none.
  Optimizer(std::string_view name, std::vector<Variable> parameters);

  /// What is remembered of a parameter x before its first step, by name; made when x first has a gradient. A 0-d i64
  /// tensor is a count: load_state_dict() takes 0 to 2^53.
  virtual StateDict initial_state(const Tensor& x) const = 0;

  /// Changes x, which is contiguous, along its gradient (of the same shape and dtype, in any layout).
  virtual void update(Tensor& x, const Tensor& gradient, StateDict& state) = 0;

  /// Calls check_setting for every setting.
  virtual void check_settings() const = 0;

  /// Error "adam: beta1 is 1, expected 0 <= beta < 1" unless `holds` and the value is finite.
  void check_setting(std::string_view setting, double value, bool holds, std::string_view expected) const;
  /// The same for a setting that may have any value from 0 on.
  void check_not_negative(std::string_view setting, double value) const;

 private:
  std::string name_;
  std::vector<Variable> parameters_;
  std::vector<StateDict> state_;  // of parameters_[i]
};

}  // namespace heed::nn
