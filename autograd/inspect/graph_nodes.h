// The nodes of a recorded graph as a list, for looking at it.
#pragma once

#include <vector>

#include "heed/autograd/variable.h"

namespace heed {

/// The nodes that y depends on, leaves among them, each once and before those it was computed from; none for a
/// constant. They live as long as y's graph.
std::vector<const Node*> graph_nodes(const Variable& y);

}  // namespace heed
