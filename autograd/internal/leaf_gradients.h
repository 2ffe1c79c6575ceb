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

/// A gradient that nobody else holds, each element once: what a leaf keeps, and a hook may change in place.
Tensor owned(Tensor gradient);

/// leaf.grad += gradient for each; leaves may be shared with other threads. Where there is no memory
/// for the copies of gradients that others hold, none has changed.
void add_to_leaves(std::vector<LeafGradient>& leaves);

}  // namespace heed
