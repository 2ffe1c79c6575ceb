// Gradcheck through every parameter of a module.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>

#include "heed/autograd/inspect/gradcheck.h"
#include "heed/nn/module.h"

namespace heed::test {

/// gradcheck of f(module, inputs) with respect to the inputs and to all parameters of the module (f64).
template <class Module>
std::string module_gradcheck(
    const Module& module, const std::vector<Tensor>& inputs,
    const std::type_identity_t<std::function<Variable(const Module&, std::span<const Variable>)>>& f) {
  std::vector<Tensor> all = inputs;
  for (const Variable& parameter : nn::parameters(module)) all.push_back(parameter.value());
  return gradcheck(
      [&](const std::vector<Variable>& x) {
        Module probe = module;
        std::size_t next = inputs.size();
        std::set<const nn::Parameter*> seen;  // a tied one has two names
        nn::for_each_parameter(probe, [&](const std::string&, nn::Parameter& parameter) {
          if (seen.insert(&parameter).second) parameter.rebind(x[next++]);
        });
        return f(probe, std::span(x).first(inputs.size()));
      },
      all);
}

}  // namespace heed::test
