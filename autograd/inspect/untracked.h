// Which leaves a result depends on that nobody trains: parameters that a module's visit() forgot, or that were copied
// where a handle was meant.
#pragma once

#include <string>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed {

/// The leaves that y depends on and that are not among `tracked`, one text each, nearest to y first:
///   `f32 [8, 64], used by linear`
/// Empty when `tracked` is complete, which a test of a model can check once:
///   untracked_leaves(loss, nn::parameters(model)).empty()
/// Inputs that require a gradient are leaves too. y may be a constant: then it depends on nothing.
std::vector<std::string> untracked_leaves(const Variable& y, const std::vector<Variable>& tracked);

}  // namespace heed
