#include "autograd/dump.h"

#include <fmt/format.h>

#include <iterator>
#include <unordered_map>
#include <vector>

#include "autograd/record.h"

namespace heed {

std::string dump(const Variable& y) {
  if (!y.requires_grad()) return "const\n";
  std::vector<const Node*> nodes{y.node().get()};
  std::unordered_map<const Node*, std::size_t> numbers{{nodes[0], 0}};
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
      const auto [found, is_new] = numbers.try_emplace(input.node.get(), nodes.size());
      if (is_new) nodes.push_back(input.node.get());
      fmt::format_to(out, " %{}", found->second);
      if (input.slot != 0) fmt::format_to(out, ":{}", input.slot);
    }
    const char* separator = " | saves ";
    for (const Saved* saved = node.first_saved(); saved; saved = saved->next()) {
      if (!saved->kept()) continue;
      fmt::format_to(out, "{}{} {}", separator, name(saved->tensor().dtype()), saved->tensor().shape().str());
      separator = ", ";
    }
    text += '\n';
  }
  return text;
}

}  // namespace heed
