// The golden files of generate.py: inputs, parameters, outputs and gradients of PyTorch, case by case, to be compared
// with heed's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "heed/nn/module.h"

namespace heed::test {

/// One case in one float type. `set`, `in` and the other roles are explained in generate.py.
class Golden {
 public:
  Golden(std::string name, DType dtype) : name_(std::move(name)), dtype_(dtype) {}

  const std::string& name() const { return name_; }
  std::string kind() const { return name_.substr(0, name_.find_first_of(" ,")); }  ///< "linear" of "linear, wide"
  DType dtype() const { return dtype_; }

  /// A tensor "<role>/<name>", floats as dtype(); std::out_of_range when the case has none.
  Tensor tensor(const std::string& key) const;
  bool has(const std::string& key) const { return tensors_.contains(key); }

  /// The names of the case's tensors "<role>/<name>"; `role` with the slash.
  std::vector<std::string> names(const std::string& role) const;

  double number(const std::string& setting) const { return tensors_.at("set/" + setting).item(); }
  std::int64_t integer(const std::string& setting) const { return static_cast<std::int64_t>(number(setting)); }
  std::vector<double> numbers(const std::string& setting) const;
  std::vector<std::int64_t> integers(const std::string& setting) const;

  /// "in/<name>" as a leaf, whose gradient compare() looks at.
  Variable input(const std::string& name);

  /// Loads the case's state dict, whose names must be the module's, and remembers the parameters for compare().
  template <class Module>
  void load(Module& module) {
    nn::StateDict state;
    for (const auto& [key, value] : tensors_)
      if (key.starts_with("state/")) state.emplace(key.substr(6), value);
    nn::load_state_dict(module, state);
    nn::for_each_parameter(module, [&](const std::string& name, nn::Parameter& p) { leaves_.emplace(name, p); });
  }

  /// Checks that `got` is the case's output `name`: 1e-12 in f64, 1e-5 in f32, of the largest number in it.
  void compare_output(const std::string& name, const Tensor& got) const { compare("out/" + name, got); }

  /// Checks that these are all outputs of the case, and then the gradients of all inputs and parameters.
  void compare(const std::map<std::string, Variable>& outputs) const;

 private:
  friend std::vector<Golden> goldens(const std::string& file);
  void compare(const std::string& key, const Tensor& got) const;

  std::string name_;
  DType dtype_;
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, Variable> leaves_;
};

/// Every case of tests/parity/<file>.safetensors, as f64 and as f32.
std::vector<Golden> goldens(const std::string& file);

}  // namespace heed::test
