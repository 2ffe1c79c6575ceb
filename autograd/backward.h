// Backward: gradients by traversing a recorded graph from a result to its inputs.
//
// The engine counts how many consumers each reachable node still waits for and runs the nodes that wait for none from a
// list: no recursion, every node once, the same order every time.
//
// Traversals inside traversals, and threads. A rule may call backward() and gradients() itself (a checkpoint that
// computes a layer again does), and threads may traverse at the same time:
// * Leaves (weights) are shared by all. backward() adds to them when it has passed the whole graph, and no update is
//   lost; the last bits of a sum of three or more may depend on which traversal ends first. gradients() changes no
//   leaf, and its results never depend on timing. grad(), set_grad() and optimizers are not locked: let the threads
//   finish first.
// * Other nodes are shared by traversals that retain the graph. A traversal that does not needs them for itself, and
// where that
//   cannot be the later traversal gets a GradError before it has changed anything.
#pragma once

#include <vector>

#include "heed/autograd/record.h"

namespace heed {

struct BackwardOptions {
  bool retain_graph = false;  ///< keep saved tensors, so that the same graph can be traversed again
  /// gradients(): no input lies behind another, so the traversal need not pass them. Without it all that can be reached
  /// is looked through (not run) for inputs, unless there is one only: a rule that computes its operation again from
  /// results with a long history should set it, or begin at a new leaf.
  bool stop_at_inputs = false;
};

/// Adds dL/dx to grad() of every leaf x that y depends on, where dL/dy is `dy` (undefined: 1, and y must have exactly
/// one element). Leaves change only after the whole traversal has succeeded. GradError when y needs no gradient, when a
/// saved tensor is gone or was changed in place, when a rule returns a gradient that does not fit its input, or when
/// another traversal is running through the graph and one of the two does not retain it; ShapeError and DTypeError when
/// `dy` does not fit y. A traversal that fails half-way has used up the saved tensors it passed.
void backward(const Variable& y, const Tensor& dy = {}, BackwardOptions options = {});

/// dL/dx for each of `inputs` (leaves or not), without touching any grad(); zeros where y does not depend on one. Only
/// what lies between y and the inputs is computed and used up; what lies behind them can still be traversed. Results
/// may share their elements with each other and with dy, and may be expanded views: clone() before changing one.
/// GradError when an input needs no gradient; other errors as for backward.
std::vector<Tensor> gradients(const Variable& y, const std::vector<Variable>& inputs, const Tensor& dy = {},
                              BackwardOptions options = {});

/// The same, with gradients that are themselves recorded, for gradients of gradients (what PyTorch calls
/// create_graph). The graph is retained. GradError while a NoGrad lives.
std::vector<Variable> recorded_gradients(const Variable& y, const std::vector<Variable>& inputs,
                                         const Variable& dy = {}, BackwardOptions options = {});

}  // namespace heed
