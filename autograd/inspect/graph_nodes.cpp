#include "heed/autograd/inspect/graph_nodes.h"

#include <unordered_map>

namespace heed {

std::vector<const Node*> graph_nodes(const Variable& y) {
  if (!y.requires_grad()) return {};
  std::unordered_map<const Node*, std::size_t> waiting;  // for consumers that are not in the list yet
  std::vector<const Node*> found{y.node().get()}, order{y.node().get()};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const Edge& input : found[i]->inputs())
      if (input.node && ++waiting[input.node.get()] == 1) found.push_back(input.node.get());
  for (std::size_t i = 0; i < order.size(); ++i)
    for (const Edge& input : order[i]->inputs())
      if (input.node && --waiting[input.node.get()] == 0) order.push_back(input.node.get());
  return order;
}

}  // namespace heed
