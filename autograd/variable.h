// Variable: a Tensor plus its position in a graph (which node computed it, as which of its results).
//
// A Variable made from a Tensor is a constant unless it is asked to require a gradient; then it is a leaf, and
// backward() adds to its grad(). Copies are handles: they share the numbers and the gradient. Every function on Tensors
// has a namesake on Variables that also records itself.
#pragma once

#include <functional>

#include "heed/autograd/node.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// The node of a leaf: the end of the graph, where the gradient is kept.
class Leaf final : public Node {
 public:
  explicit Leaf(const Tensor& value) { set_output(0, value); }
  std::string_view name() const override { return "leaf"; }
  Grads<Tensor> run(std::span<const Tensor>, GradientSums*) override { return {}; }
  Grads<Variable> run(std::span<const Variable>) override;
  Leaf* leaf() override { return this; }

  Tensor grad;
  std::function<void(Tensor& gradient)> hook;
};

class Variable {
 public:
  Variable() = default;  ///< no value at all: defined() is false

  /// A constant, or a leaf when `requires_grad`. GradError when a dtype without gradients (i64, bool) asks for one.
  Variable(Tensor value, bool requires_grad = false);

  /// Result `slot` of `node`.
  Variable(Tensor&& value, NodeRef node, std::uint32_t slot)
      : value_(std::move(value)), node_(std::move(node)), slot_(slot) {}

  bool defined() const { return value_.defined(); }
  const Tensor& value() const { return value_; }
  const Shape& shape() const { return value_.shape(); }
  DType dtype() const { return value_.dtype(); }
  int rank() const { return value_.rank(); }
  std::int64_t size(int axis) const { return value_.size(axis); }
  std::int64_t numel() const { return value_.numel(); }
  template <class T = double>
  T item() const {
    return value_.item<T>();
  }

  bool requires_grad() const { return static_cast<bool>(node_); }
  bool is_leaf() const { return leaf() != nullptr; }

  /// What backward() has added up for this leaf so far, undefined if nothing. GradError unless this is a leaf.
  const Tensor& grad() const;

  /// Replaces the leaf's gradient; undefined clears it. ShapeError, DTypeError unless it fits the value.
  void set_grad(Tensor grad) const;

  /// Called by every backward() with this leaf's gradient as soon as that is complete, while the graph before it still
  /// runs: what a reduction over machines waits for. The hook may change the gradient in place or replace it (GradError
  /// unless it fits); what it leaves is added to grad(). A gradient that it does not replace becomes grad() itself,
  /// also when the hook keeps a handle: what goes on reducing it writes into grad(), and should begin with an empty
  /// one, as what was there is added when backward() ends. An exception ends the backward(), and no leaf has changed.
  /// An empty function takes the hook away. Not locked: set hooks before threads begin. GradError unless this is a
  /// leaf.
  void set_grad_hook(std::function<void(Tensor& gradient)> hook) const;

  /// The same numbers as a constant: gradients stop here.
  Variable detach() const { return Variable(value_); }

  const NodeRef& node() const { return node_; }
  std::uint32_t slot() const { return slot_; }

 private:
  Leaf* leaf() const { return node_ ? node_->leaf() : nullptr; }
  Leaf& required_leaf(const char* operation) const;

  Tensor value_;
  NodeRef node_;
  std::uint32_t slot_ = 0;
};

/// Where an operation takes a bias: none.
inline const Variable no_bias;

}  // namespace heed
