// What a backward() has found for its leaves, and how that is added to what they have.
#pragma once

#include <vector>

#include "heed/autograd/variable.h"

namespace heed {

struct LeafGradient {
  Leaf* leaf;
  Tensor gradient;
  bool is_final = false;  // becomes the leaf's own as it is, whoever else holds it: the leaf's hook has had it
};

/// A leaf's gradient that is complete, as the leaf's hook leaves it where there is one. GradError when that does not
/// fit.
LeafGradient finished_gradient(Leaf& leaf, Tensor gradient);

/// leaf.grad += gradient for each; leaves may be shared with other threads. Where there is no memory for the copies of
/// gradients that others hold, none has changed.
void add_to_leaves(std::vector<LeafGradient>& leaves);

}  // namespace heed
