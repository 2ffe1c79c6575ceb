// The plan of a traversal: which nodes run, and for how many consumers each still waits.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "heed/autograd/internal/node_numbers.h"

namespace heed {

class Plan {
 public:
  static constexpr std::uint32_t none = NodeNumbers::none;

  struct Step {
    std::size_t edges = 0;           // where in edges_ its inputs begin
    std::uint32_t waiting = 0;       // consumers that have not contributed yet
    std::uint32_t gradients = none;  // where the traversal adds up the gradients of its outputs
    bool is_target = false;
    bool is_frontier = false;  // the traversal ends here: its rule does not run
    bool is_entered = false;   // by the traversal
    bool is_wanted() const { return is_target || !is_frontier; }
  };

  /// Numbers every node behind `root`, which is number 0. With targets only what leads to one of them runs; with
  /// `stops` the targets themselves do not, and what lies behind them is not looked at.
  Plan(Node& root, std::span<const Edge> targets, bool stops);

  std::uint32_t size() const { return numbers_.size(); }
  Node& node(std::uint32_t number) const { return numbers_.node(number); }
  Step& operator[](std::uint32_t number) { return steps_[number]; }

  /// The number of each input of a node that runs, `none` for a constant; nothing for a node of the frontier.
  std::span<const std::uint32_t> inputs(std::uint32_t number) const {
    if (steps_[number].is_frontier) return {};
    return std::span(edges_).subspan(steps_[number].edges, node(number).inputs().size());
  }

  /// Calls body(i) for each target i that is a result of this node.
  template <class Body>
  void for_each_target(const Node& node, Body&& body) const {
    const auto [begin, end] = targets_.equal_range(&node);
    for (auto target = begin; target != end; ++target) body(target->second);
  }

 private:
  std::uint32_t find(Node& node, bool stops);
  void prune();

  NodeNumbers numbers_;
  std::vector<Step> steps_;           // by number
  std::vector<std::uint32_t> edges_;  // the numbers of the inputs of every node that was looked through
  std::unordered_multimap<const Node*, std::size_t> targets_;
};

}  // namespace heed
