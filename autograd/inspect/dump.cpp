#include "heed/autograd/inspect/dump.h"

#include <fmt/format.h>

#include <iterator>
#include <unordered_map>
#include <vector>

#include "heed/autograd/inspect/graph_nodes.h"
#include "heed/autograd/record.h"

namespace heed {
std::string dump(const Variable& y) {
  if (!y.requires_grad()) return "const\n";
  const std::vector<const Node*> nodes = graph_nodes(y);
  std::unordered_map<const Node*, std::size_t> numbers;
  for (const Node* node : nodes) numbers.emplace(node, numbers.size());
  std::string text;
  auto out = std::back_inserter(text);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = *nodes[i];
    fmt::format_to(out, "%{} {}", i, node.name());
    for (std::uint32_t slot = 0; slot < node.output_count(); ++slot)
      fmt::format_to(out, " {} {}", name(node.output(slot).dtype), node.output(slot).shape.str());
    if (!node.inputs().empty()) text += " <-";
    for (const Edge& input : node.inputs()) {
      if (!input.node) {
        text += " const";
        continue;
      }
      fmt::format_to(out, " %{}", numbers.at(input.node.get()));
      if (input.slot != 0) fmt::format_to(out, ":{}", input.slot);
    }
    const char* separator = " | saves ";
    for (const Saved* saved = node.first_saved(); saved; saved = saved->next()) {
      if (!saved->has_value()) continue;
      fmt::format_to(out, "{}{} {}", separator, name(saved->peek().dtype()), saved->peek().shape().str());
      separator = ", ";
    }
    text += '\n';
  }
  return text;
}

}  // namespace heed
