// What is asked of a list of parameters before any of them is changed, so that no call fails half-way through them.
// Not part of the public interface.
#pragma once

#include <string_view>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// GradError unless all are leaves and no leaf is there twice (it would be stepped or scaled twice); the message names
/// the operation and the positions in the list.
void check_distinct_leaves(std::string_view operation, const std::vector<Variable>& parameters);

}  // namespace heed::nn
