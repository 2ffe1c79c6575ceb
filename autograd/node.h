// Node: one recorded operation, seen from its results: which inputs its gradient flows on to, and how.
//
// Variables own their node, nodes own the nodes of their inputs: a graph lives as long as some result of it does, and
// dies without recursion however deep it is. Nodes save Tensors, never Variables, so a cycle cannot be built.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/tensor/counted.h"
#include "heed/tensor/inline_vector.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/tensor.h"

namespace heed {

class Leaf;
class Variable;
class Node;
class Saved;

using NodeRef = CountedRef<Node>;

/// Where a value comes from: result number `slot` of `node`; no node for a constant.
struct Edge {
  NodeRef node;
  std::uint32_t slot = 0;
};

/// One gradient per input of a node, in their order; an undefined V stands for "none". Those of up to four inputs need
/// no memory of their own.
template <class V>
struct Grads : InlineVector<V, 4> {
  template <class... G>
    requires(std::constructible_from<V, G> && ...)
  Grads(G&&... gradients) {
    this->reserve(sizeof...(gradients));
    (this->emplace_back(std::forward<G>(gradients)), ...);
  }
};

/// The gradients of the inputs of the node that runs, as far as they have been added up (autograd/sums.h).
class GradientSums {
 public:
  /// That of one input, row-major and held by nobody else, for a rule to add to it in place; nullptr where there is none
  /// yet.
  virtual Tensor* so_far(std::size_t input) = 0;

 protected:
  ~GradientSums() = default;
};

class Node : public Counted {
 public:
  struct Output {
    Shape shape;
    DType dtype;
  };

  Node() = default;
  virtual ~Node() = default;
  static void destroy(Node* node) noexcept;  // and what only it keeps alive, without recursion

  /// The operation's name, for messages and graph dumps.
  virtual std::string_view name() const = 0;

  /// Vector-Jacobian product: from the gradients of the outputs (undefined where none arrived) to those of the inputs.
  /// With Tensors the plain gradient, parts of which it may have added to `sums`, where there are any; with Variables
  /// the same rule recorded, for gradients of gradients.
  virtual Grads<Tensor> run(std::span<const Tensor> dy, GradientSums* sums) = 0;
  virtual Grads<Variable> run(std::span<const Variable> dy) = 0;

  std::span<const Edge> inputs() const { return {inputs_.begin(), inputs_.size()}; }
  bool needs(std::size_t input) const { return static_cast<bool>(inputs()[input].node); }
  std::uint32_t output_count() const { return 1 + static_cast<std::uint32_t>(more_outputs_.size()); }
  const Output& output(std::uint32_t slot) const { return slot == 0 ? output_ : more_outputs_[slot - 1]; }

  /// Gives back the memory of the saved tensors; the rule cannot run again.
  void release_saved();
  const Saved* first_saved() const { return saved_; }

  /// This node if it is a leaf.
  virtual Leaf* leaf() { return nullptr; }

  /// How many inputs will be added, to make room for them at once.
  void expect_inputs(std::size_t count) { inputs_.reserve(count); }
  void add_input(Edge edge) { inputs_.push_back(std::move(edge)); }

  // Nodes come and go by the thousand in every step: they live in the pool of the tensors.
  static void* operator new(std::size_t bytes) { return allocate_aligned(bytes); }
  static void operator delete(void* memory) { free_aligned(memory); }
  void set_output(std::uint32_t slot, const Tensor& y);

  /// Says that a traversal is going to run this node: alone when it will release the saved tensors, beside others when
  /// all of them retain. False when another traversal is here and that cannot be.
  bool enter(bool alone) {
    std::uint32_t traversals = 0;  // what is expected: nobody
    while (!traversals_.compare_exchange_strong(traversals, alone ? exclusive : traversals + 1,
                                                std::memory_order_acquire, std::memory_order_relaxed))
      if (alone || traversals == exclusive) return false;
    return true;
  }

  /// Takes back what enter() said. The next traversal sees that the saved tensors are gone.
  void leave(bool alone) {
    if (alone)
      traversals_.store(0, std::memory_order_release);
    else
      traversals_.fetch_sub(1, std::memory_order_release);
  }
  bool is_entered() const { return traversals_.load(std::memory_order_relaxed) != 0; }

 private:
  friend class Saved;
  static constexpr std::uint32_t exclusive = ~std::uint32_t{0};

  std::atomic<std::uint32_t> traversals_{0};  // how many traversals are going to run this node, or `exclusive`
  Saved* saved_ = nullptr;                    // the rule's saved tensors, linked
  Node* doomed_ = nullptr;                    // links the nodes waiting to be deleted
  InlineVector<Edge, 4> inputs_;              // few stand in the node: an allocation costs more than a small operation
  Output output_{};
  std::vector<Output> more_outputs_;
};

}  // namespace heed
