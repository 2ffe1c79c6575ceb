// Parameter: a trainable leaf that a module holds as a value.
//
// A Variable is a handle; two copies of it are the same leaf. A module holds Parameters instead, so that
//   * a copied module is a second, independent model: its parameters are new leaves with the same values;
//   * an assigned module (`net = best`) keeps its leaves: the values are copied into them, and an optimizer goes on
//     training it.
// Taken out of its module, a Parameter is the handle again: `Variable w = layer.weight`. `auto w = layer.weight`, a
// lambda that captures `w = layer.weight`, and a function that takes a Parameter by value do not compile, because a
// copy there would cut the gradient off in silence. The copy can still be asked for: `Parameter copy(layer.weight)`.
// What C++ initialises in that way copies too, and does so in silence; write `Variable w = layer.weight` before it:
//   * a lambda's [w] and [=], where w is a Parameter or a reference to one;
//   * a member initialiser of a Parameter or of a struct that holds one: `Layer(const Parameter& w) : weight(w) {}`;
//   * push_back, insert and emplace of a std::vector<Parameter>, std::make_pair, std::make_tuple, std::make_optional,
//     std::bind, std::thread and std::async with a Parameter as an argument.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/nn/assign_elements.h"
#include "heed/nn/moved_from.h"

namespace heed::nn {

class Parameter : public Variable {
 public:
  Parameter() = default;  ///< none (a layer without bias)
  explicit Parameter(Tensor value) : Variable(std::move(value), true) {}

  /// A new leaf with the same values and no gradient, frozen when `other` is; none when `other` is none. Members of a
  /// module are copied by it when the module is.
  explicit Parameter(const Parameter& other) : Variable(other.copy()), moved_from_(other.moved_from_) {
    if (other.is_frozen()) freeze();
  }

  /// The leaf itself moves: handles to it stay valid, and the one it came from is none.
  Parameter(Parameter&&) noexcept = default;

  /// The values are copied into this leaf, which stays, and so does its gradient; a graph recorded before is stale
  /// (GradError) where it saved the old values. One that has been moved from becomes what is assigned (a copy of it,
  /// or the moved leaf). ShapeError, DTypeError unless both are alike; ShapeError when one that exists is assigned to
  /// one that is none (an optimizer of a layer without bias would not learn of the bias) or none to one that exists. To
  /// give a parameter its first value initialise it, or rebind() it.
  Parameter& operator=(const Parameter& other) {
    if (defined()) {
      assign_elements("parameter", value(), other.value());
      return *this;
    }
    if (other.defined()) check_moved_from("parameter", static_cast<bool>(moved_from_), other.value());
    rebind(other.copy());
    moved_from_ = other.moved_from_;
    if (other.is_frozen()) freeze();
    return *this;
  }
  Parameter& operator=(Parameter&& other) {
    if (defined()) {
      assign_elements("parameter", value(), other.value());
      return *this;
    }
    if (other.defined()) check_moved_from("parameter", static_cast<bool>(moved_from_), other.value());
    Variable::operator=(std::move(other));
    frozen_ = std::move(other.frozen_);
    moved_from_ = std::move(other.moved_from_);
    return *this;
  }
  ~Parameter() = default;

  /// Makes this parameter the handle `other`: another leaf, a result (weights that are computed from others), or none.
  /// Optimizers made before keep the leaf that was here. Two parameters bound to one leaf are one weight (stepped once,
  /// loaded under either name), but only here: a copy of their module has two leaves. To tie weights in copies too, use
  /// one parameter twice in forward(), and list it under both names in visit().
  void rebind(Variable other) {
    Variable::operator=(std::move(other));
    frozen_ = NodeRef();
    moved_from_ = MovedFrom();
  }

  /// From now on, until unfreeze(), the parameter is a constant: what is computed with it has no gradient for it. The
  /// gradient it has is cleared, so optimizers leave it alone. Its leaf stays, and training goes on with that
  /// after unfreeze(); a handle taken before (`Variable w = layer.weight`) still is that leaf. Saving, loading and
  /// assigning do not change. One that is no leaf (it is computed from others: freeze those) is left as it is.
  void freeze() {
    if (!is_leaf()) return;
    set_grad({});
    frozen_ = node();
    Variable::operator=(detach());
  }
  void unfreeze() {
    if (frozen_) Variable::operator=(handle());
    frozen_ = NodeRef();
  }
  bool is_frozen() const { return static_cast<bool>(frozen_); }

  /// The leaf, of a frozen parameter too: what an optimizer is given.
  Variable handle() const {
    if (frozen_) return Variable(Tensor(value()), frozen_, 0);
    return *this;
  }

 private:
  Variable copy() const { return defined() ? Variable(value().clone(), true) : Variable(); }

  NodeRef frozen_;  // the leaf of a frozen parameter
  MovedFrom moved_from_;
};

}  // namespace heed::nn
