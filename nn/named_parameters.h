// NamedParameters: the leaves an optimizer trains, with the names under which it keeps what it remembers of them.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// A list of Variables is taken as it is, without names; nn::named_parameters(module) (nn/module.h) has them.
struct NamedParameters {
  NamedParameters() = default;
  NamedParameters(std::vector<Variable> leaves) : variables(std::move(leaves)) {}
  NamedParameters(std::initializer_list<Variable> leaves) : variables(leaves) {}

  void push_back(std::string name, Variable variable) {
    names.push_back(std::move(name));
    variables.push_back(std::move(variable));
  }

  std::vector<Variable> variables;
  std::vector<std::string> names;  ///< one for each of `variables`, or none at all
};

}  // namespace heed::nn
