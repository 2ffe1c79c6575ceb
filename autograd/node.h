// Node: one recorded operation, seen from its results: which inputs its gradient flows on to, and how.
//
// Variables own their node, nodes own the nodes of their inputs: a graph lives as long as some result of it does, and
// dies without recursion however deep it is. Nodes save Tensors, never Variables, so a cycle cannot be built.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/tensor/memory.h"
#include "heed/tensor/tensor.h"

namespace heed {

class Leaf;
class Variable;
class Node;
class Saved;

/// A counted handle to a node.
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(Node* owned) : node_(owned) {}
  NodeRef(const NodeRef& other);
  NodeRef(NodeRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(NodeRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodeRef() {
    if (node_) drop(node_);
  }
  Node* get() const { return node_; }
  Node* operator->() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }

 private:
  friend class Node;
  static void drop(Node* node) noexcept;
  Node* node_ = nullptr;
};

/// Where a value comes from: result number `slot` of `node`; no node for a constant.
struct Edge {
  NodeRef node;
  std::uint32_t slot = 0;
};

/// The inputs of a node. Few stand in the node itself: an allocation would cost more than a small operation.
class EdgeList {
 public:
  std::size_t size() const { return size_; }
  const Edge* begin() const { return size_ <= few_.size() ? few_.data() : many_.data(); }
  const Edge* end() const { return begin() + size_; }
  Edge* begin() { return size_ <= few_.size() ? few_.data() : many_.data(); }
  Edge* end() { return begin() + size_; }

  void reserve(std::size_t count) {
    if (count > few_.size()) many_.reserve(count);
  }
  void push_back(Edge edge) {
    if (size_ < few_.size()) {
      few_[size_] = std::move(edge);
    } else {
      if (many_.empty())
        for (Edge& moved : few_) many_.push_back(std::move(moved));
      many_.push_back(std::move(edge));
    }
    ++size_;
  }

 private:
  std::array<Edge, 4> few_;
  std::vector<Edge> many_;  // all of them, once there are more
  std::size_t size_ = 0;
};

/// One gradient per input of a node; an undefined V stands for "none".
template <class V>
struct Grads : std::vector<V> {
  template <class... G>
  Grads(G&&... gradients) {
    this->reserve(sizeof...(gradients));
    (this->emplace_back(std::forward<G>(gradients)), ...);
  }
};

class Node {
 public:
  struct Output {
    Shape shape;
    DType dtype;
  };

  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  /// The operation's name, for messages and graph dumps.
  virtual std::string_view name() const = 0;

  /// Vector-Jacobian product: from the gradients of the outputs (undefined where none arrived) to those of the inputs.
  /// With Tensors the plain gradient; with Variables the same rule recorded, for gradients of gradients.
  virtual Grads<Tensor> run(std::span<const Tensor> dy) = 0;
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

  /// One more handle to this node, which some handle must own already.
  NodeRef handle() {
    handles_.fetch_add(1, std::memory_order_relaxed);
    return NodeRef(this);
  }

  /// Says that a walk is going to run this node: alone when it will release the saved tensors, beside others when all
  /// of them retain. False when another walk is here and that cannot be.
  bool enter(bool alone) {
    std::uint32_t walks = 0;  // what is expected: nobody
    while (!walks_.compare_exchange_strong(walks, alone ? exclusive : walks + 1, std::memory_order_acquire,
                                           std::memory_order_relaxed))
      if (alone || walks == exclusive) return false;
    return true;
  }

  /// Takes back what enter() said. The next walk sees that the saved tensors are gone.
  void leave(bool alone) {
    if (alone)
      walks_.store(0, std::memory_order_release);
    else
      walks_.fetch_sub(1, std::memory_order_release);
  }
  bool is_entered() const { return walks_.load(std::memory_order_relaxed) != 0; }

 private:
  friend class NodeRef;
  friend class Saved;
  static constexpr std::uint32_t exclusive = ~std::uint32_t{0};

  std::atomic<std::uint32_t> walks_{0};  // how many walks are going to run this node, or `exclusive`
  std::atomic<std::uint32_t> handles_{1};
  Saved* saved_ = nullptr;  // the rule's saved tensors, linked
  Node* doomed_ = nullptr;  // links the nodes waiting to be deleted
  EdgeList inputs_;
  Output output_{};
  std::vector<Output> more_outputs_;
};

inline NodeRef::NodeRef(const NodeRef& other) : node_(other.node_) {
  if (node_) node_->handles_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace heed
