// Dump: a recorded graph as text, for people and tests.
#pragma once

#include <string>

#include "heed/autograd/variable.h"

namespace heed {

/// One line per node that y depends on, results before what they were computed from:
///   `%0 matmul f32 [8, 10] <- %1 %2:1 const | saves f32 [8, 64]`
/// Inputs name the node and, unless it is 0, the output slot; `const` needs no gradient.
std::string dump(const Variable& y);

}  // namespace heed
