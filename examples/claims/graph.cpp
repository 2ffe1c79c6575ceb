#include "examples/claims/graph.h"

#include <algorithm>
#include <unordered_map>

#include "heed/autograd/inspect/graph_nodes.h"
#include "heed/tensor/error.h"
#include "heed/tensor/memory.h"

namespace heed::examples {
namespace {

// The inner size of a product [.., m, k]·[.., k, n], or [.., k]·[n, k]ᵀ of linear.
std::int64_t inner_size(const Node& product) {
  const Edge &left = product.inputs()[0], &right = product.inputs()[1];
  if (left.node) return left.node->output(left.slot).shape.size(-1);
  if (!right.node) throw Error("product_flops: a product that only a bias has a gradient of tells no sizes");
  return right.node->output(right.slot).shape.size(product.name() == "linear" ? -1 : -2);
}

}  // namespace

std::vector<const Node*> shortest_path(const Variable& y, const Variable& x) {
  if (!y.requires_grad() || !x.requires_grad()) return {};
  std::unordered_map<const Node*, const Node*> consumer{{y.node().get(), nullptr}};  // the one it was found from
  std::vector<const Node*> found{y.node().get()};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const Edge& input : found[i]->inputs())
      if (input.node && consumer.emplace(input.node.get(), found[i]).second) found.push_back(input.node.get());
  std::vector<const Node*> path;
  if (!consumer.contains(x.node().get())) return path;
  for (const Node* at = x.node().get(); at; at = consumer[at]) path.push_back(at);
  std::ranges::reverse(path);
  return path;
}

std::int64_t count_operations(const std::vector<const Node*>& nodes, std::string_view operation) {
  return std::ranges::count_if(nodes, [&](const Node* node) { return node->name() == operation; });
}

std::int64_t longest_chain(const Variable& y, std::string_view operation) {
  std::unordered_map<const Node*, std::int64_t> chain;  // on the way from y to a node, the node itself included
  std::int64_t longest = 0;
  for (const Node* node : graph_nodes(y)) {
    const std::int64_t length = chain[node] += node->name() == operation;
    longest = std::max(longest, length);
    for (const Edge& input : node->inputs())
      if (input.node) chain[input.node.get()] = std::max(chain[input.node.get()], length);
  }
  return longest;
}

double product_flops(const Variable& y) {
  double flops = 0;
  for (const Node* node : graph_nodes(y))
    if (node->name() == "matmul" || node->name() == "linear")
      flops += 2.0 * static_cast<double>(node->output(0).shape.numel()) * static_cast<double>(inner_size(*node));
  return flops;
}

double graph_bytes(const std::function<Variable()>& make) {
  const std::size_t before = memory_stats().live_bytes;
  const Variable y = make();
  return static_cast<double>(memory_stats().live_bytes - before);
}

}  // namespace heed::examples
