// Backward: gradients by walking a recorded graph from a result to its inputs.
//
// The engine counts how many consumers each reachable node still waits for and runs the nodes that wait for none from a
// list: no recursion, every node once, the same order every time. One walk per graph at a time: two threads in the same
// graph get a GradError, never a lost update.
#pragma once

#include <vector>

#include "heed/autograd/record.h"

namespace heed {

struct BackwardOptions {
  bool retain_graph = false;    ///< keep saved tensors, so that the same graph can be walked again
  bool stop_at_inputs = false;  ///< gradients(): no input lies behind another, so the walk need not pass them
};

/// Adds dL/dx to grad() of every leaf x that y depends on, where dL/dy is `dy` (undefined: 1, and y must have exactly
/// one element). Leaves change only after the whole walk has succeeded. GradError when y needs no gradient, when a
/// saved tensor is gone or was changed in place, or when a rule returns a gradient that does not fit its input;
/// ShapeError and DTypeError when `dy` does not fit y. A walk that fails half-way has used up the saved tensors it
/// passed.
void backward(const Variable& y, const Tensor& dy = {}, BackwardOptions options = {});

/// dL/dx for each of `inputs` (leaves or not), without touching any grad(); zeros where y does not depend on one. With
/// V = Tensor plain numbers; with V = Variable the gradients are themselves recorded (and the graph is retained), which
/// gives gradients of gradients. Results may share their numbers with each other and with dy, and may be expanded
/// views: clone() before changing one. GradError when an input needs no gradient; other errors as for backward.
template <class V>
std::vector<V> gradients(const Variable& y, const std::vector<Variable>& inputs, const V& dy = {},
                         BackwardOptions options = {});

/// x again, as a new node: a place where a walk can stop.
Variable identity(const Variable& x);

/// For rules of fused operations: the gradient of `definition` (the same function composed of primitive operations) at
/// `inputs`, as a recorded function of the inputs and of dy. Inputs that need no gradient get an undefined one.
template <class Definition>
Grads<Variable> definition_vjp(Definition&& definition, const std::vector<Variable>& inputs, const Variable& dy) {
  std::vector<Variable> ends, wanted;
  for (const Variable& input : inputs) {
    ends.push_back(input.requires_grad() ? identity(input) : input);
    if (input.requires_grad()) wanted.push_back(ends.back());
  }
  const std::vector<Variable> found = gradients<Variable>(definition(ends), wanted, dy, {.stop_at_inputs = true});
  Grads<Variable> result;
  for (std::size_t i = 0, next = 0; i < inputs.size(); ++i)
    result.push_back(inputs[i].requires_grad() ? found[next++] : Variable());
  return result;
}

}  // namespace heed
