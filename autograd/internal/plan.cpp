#include "heed/autograd/internal/plan.h"

#include <algorithm>

namespace heed {

Plan::Plan(Node& root, std::span<const Edge> targets, bool stops) {
  for (std::size_t i = 0; i < targets.size(); ++i) targets_.emplace(targets[i].node.get(), i);
  steps_.reserve(16);  // small graphs are many
  edges_.reserve(32);
  find(root, stops);
  for (std::uint32_t i = 0; i < steps_.size(); ++i) {
    steps_[i].edges = edges_.size();
    if (steps_[i].is_frontier) continue;
    for (const Edge& input : node(i).inputs()) {
      const std::uint32_t to = input.node ? find(*input.node.get(), stops) : none;
      edges_.push_back(to);
      if (to != none) ++steps_[to].waiting;
    }
  }
  if (!targets.empty()) prune();
}

std::uint32_t Plan::find(Node& node, bool stops) {
  const std::uint32_t number = numbers_.number(node);
  if (number < steps_.size()) return number;
  Step& step = steps_.emplace_back();
  step.is_target = !targets_.empty() && targets_.contains(&node);
  step.is_frontier = step.is_target && stops;
  return number;
}

// A gradient that nobody asked for is not computed, and what it would need is not used up: a rule that asks for the
// gradient of a layer at its input leaves the graph behind that input to the traversal it runs in.
void Plan::prune() {
  std::vector<std::uint32_t> waiting, order{0};  // consumers first
  for (const Step& step : steps_) waiting.push_back(step.waiting);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (const std::uint32_t to : inputs(order[i]))
      if (to != none && --waiting[to] == 0) order.push_back(to);
  for (auto number = order.rbegin(); number != order.rend(); ++number) {
    const auto wanted = [&](std::uint32_t to) { return to != none && steps_[to].is_wanted(); };
    if (std::ranges::none_of(inputs(*number), wanted)) steps_[*number].is_frontier = true;
  }
}

}  // namespace heed
