// The nodes a traversal has found, numbered in the order they were found. Not part of the public interface.
//
// The numbers stand in a hash table of the traversal and not in the nodes, so that any number of traversals may know a
// node at once: a traversal inside a traversal, and threads that share weights.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/autograd/node.h"

namespace heed {

class NodeNumbers {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  Node& node(std::uint32_t number) const { return *nodes_[number]; }

  /// The number of `node`; size() as it was before when the node is new.
  std::uint32_t number(Node& node) {
    if (2 * nodes_.size() >= slots_.size()) grow();
    std::size_t at = slot(&node);
    for (; slots_[at] != none; at = next(at))
      if (nodes_[slots_[at]] == &node) return slots_[at];
    nodes_.push_back(&node);
    return slots_[at] = size() - 1;
  }

 private:
  // Nodes that are neighbours in memory stay neighbours here, or a traversal through a large graph would miss the cache
  // at every node; the blocks of 16 KiB they lie in are scattered by a multiplication (the golden ratio, after Knuth).
  std::size_t slot(const Node* node) const {
    const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(node));
    const std::uint64_t block = ((address >> 14) * 0x9e3779b97f4a7c15) >> 32, place = (address >> 6) & 255;
    return static_cast<std::size_t>(block + place) & (slots_.size() - 1);
  }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  void grow() {
    if (slots_.empty()) nodes_.reserve(16);
    std::vector<std::uint32_t> larger(slots_.empty() ? 32 : 4 * slots_.size(), none);
    slots_.swap(larger);
    for (std::uint32_t i = 0; i < size(); ++i) {
      std::size_t at = slot(nodes_[i]);
      while (slots_[at] != none) at = next(at);
      slots_[at] = i;
    }
  }

  std::vector<std::uint32_t> slots_;  // numbers; a power of two, at least half of them empty
  std::vector<Node*> nodes_;
};

}  // namespace heed
