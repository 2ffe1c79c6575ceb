// Parameter: a trainable leaf that a module holds as a value.
//
// A Variable is a handle; two copies of it are the same leaf. A module holds Parameters instead, so that
//   * a copied module is a second, independent model: its parameters are new leaves with the same numbers;
//   * an assigned module (`net = best`) keeps its leaves: the numbers go into them, and an optimizer goes on training
//   it.
// Taken out of its module, a Parameter is the handle again: `Variable w = layer.weight`. `auto w = layer.weight`, a
// lambda that captures `w = layer.weight`, and a function that takes a Parameter by value do not compile, because a
// copy there would cut the gradient off in silence. The copy can still be asked for: `Parameter copy(layer.weight)`,
// which is also what std::vector<Parameter>::push_back(layer.weight), std::make_pair and std::bind do.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/nn/assign_numbers.h"

namespace heed::nn {

class Parameter : public Variable {
 public:
  Parameter() = default;  ///< none (a layer without bias)
  explicit Parameter(Tensor value) : Variable(std::move(value), true) {}

  /// A new leaf with the same numbers and no gradient; none when `other` is none. Members of a module are copied by it
  /// when the module is.
  explicit Parameter(const Parameter& other) : Variable(other.copy()) {}

  /// The leaf itself moves: handles to it stay valid, and the one it came from is none.
  Parameter(Parameter&&) noexcept = default;

  /// The numbers are written into this leaf, which stays, and so does its gradient; a graph recorded before is stale
  /// (GradError) where it saved the old numbers. A parameter that is none becomes what is assigned (a copy of it, or
  /// the moved leaf). ShapeError, DTypeError unless both are alike; ShapeError when none is assigned to one that
  /// exists.
  Parameter& operator=(const Parameter& other) {
    if (defined()) {
      assign_numbers("parameter", value(), other.value());
    } else {
      Variable::operator=(other.copy());
    }
    return *this;
  }
  Parameter& operator=(Parameter&& other) {
    if (defined()) {
      assign_numbers("parameter", value(), other.value());
    } else {
      Variable::operator=(std::move(other));
    }
    return *this;
  }
  ~Parameter() = default;

  /// Makes this parameter the handle `other`: another leaf, a result (weights that are computed from others), or none.
  /// Optimizers made before keep the leaf that stood here.
  void rebind(Variable other) { Variable::operator=(std::move(other)); }

 private:
  Variable copy() const { return defined() ? Variable(value().clone(), true) : Variable(); }
};

}  // namespace heed::nn
