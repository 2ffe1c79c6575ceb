// Freezing: parameters that stay as they are while others are trained.
#pragma once

#include "heed/nn/module.h"

namespace heed::nn {

/// Freezes every parameter inside `module` (Parameter::freeze): it gets no gradient, so every optimizer leaves it
/// alone, one with weight decay or momentum too, whether made before or after; and no work is done for its gradient.
/// State dicts, files and parameters() are as before. What was recorded before still has a gradient for it: freeze
/// between two steps.
template <class Module>
void freeze(Module& module) {
  for_each_parameter(module, [](const std::string&, Parameter& parameter) { parameter.freeze(); });
}

/// Undoes freeze(): optimizers that know the parameters go on training them.
template <class Module>
void unfreeze(Module& module) {
  for_each_parameter(module, [](const std::string&, Parameter& parameter) { parameter.unfreeze(); });
}

}  // namespace heed::nn
