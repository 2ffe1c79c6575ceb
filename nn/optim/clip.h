// Gradient clipping, by norm (Pascanu et al. 2013) or number by number. Both take a list of parameters: to clip those
// of an optimizer's groups together, give optimizer.parameters(), which has all of them.
#pragma once

#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// The norm of all gradients together, √Σ g², before clipping; when it exceeds `limit`, all are scaled by limit / norm.
/// Squares neither overflow nor vanish. A NaN or infinite norm is returned as it is and nothing is scaled: the caller
/// decides what such a step is worth. Error for a negative or NaN limit; GradError unless all are leaves, each there
/// once.
double clip_grad_norm(const std::vector<Variable>& parameters, double limit);

/// Every number of every gradient becomes min(max(g, -limit), limit); NaN stays. The same errors.
void clip_grad_value(const std::vector<Variable>& parameters, double limit);

}  // namespace heed::nn
