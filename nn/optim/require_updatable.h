// What an optimizer asks of its parameters before the first step, so that no step fails half-way through them.
// Not part of the public interface.
#pragma once

#include <string_view>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// GradError unless all are leaves, ShapeError unless their numbers stand without gaps and repeats; both name the
/// optimizer and the parameter's number.
void require_updatable(std::string_view optimizer, const std::vector<Variable>& parameters);

}  // namespace heed::nn
