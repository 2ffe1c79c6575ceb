#include "heed/autograd/inspect/untracked.h"

#include <fmt/format.h>

#include <unordered_set>

#include "heed/autograd/internal/node_numbers.h"

namespace heed {

std::vector<std::string> untracked_leaves(const Variable& y, const std::vector<Variable>& tracked) {
  std::unordered_set<const Node*> known;
  for (const Variable& variable : tracked) known.insert(variable.node().get());
  std::vector<std::string> result;
  const auto report = [&](Node& node, std::string_view user) {
    if (!node.leaf() || known.contains(&node)) return;
    const Node::Output& value = node.output(0);
    result.push_back(fmt::format("{} {}, {}", name(value.dtype), value.shape.str(), user));
  };
  if (!y.requires_grad()) return result;
  NodeNumbers numbers;
  numbers.number(*y.node().get());
  report(*y.node().get(), "the result itself");
  for (std::uint32_t i = 0; i < numbers.size(); ++i) {
    const Node& user = numbers.node(i);
    for (const Edge& input : user.inputs()) {
      const std::uint32_t before = numbers.size();
      if (input.node && numbers.number(*input.node.get()) == before)
        report(*input.node.get(), fmt::format("used by {}", user.name()));
    }
  }
  return result;
}

}  // namespace heed
