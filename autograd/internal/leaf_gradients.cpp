#include "heed/autograd/internal/leaf_gradients.h"

#include <fmt/format.h>

#include <mutex>

#include "heed/tensor/mutate.h"

namespace heed {
namespace {

// A gradient that nobody else holds, each element once: what a leaf keeps, and a hook may change in place.
Tensor owned(Tensor gradient) {
  return gradient.storage().unique() && gradient.is_contiguous() ? std::move(gradient) : gradient.clone();
}

}  // namespace

LeafGradient finished_gradient(Leaf& leaf, Tensor gradient) {
  if (!leaf.hook) return {&leaf, std::move(gradient)};
  const auto hook = leaf.hook;  // which may take itself away
  const Tensor given = owned(std::move(gradient));
  gradient = given;
  hook(gradient);
  const Node::Output& value = leaf.output(0);
  if (!gradient.defined() || !(gradient.shape() == value.shape) || gradient.dtype() != value.dtype)
    throw GradError(fmt::format("grad hook: it left a gradient {} {}, the leaf is {} {}",
                                gradient.defined() ? name(gradient.dtype()) : "undefined", gradient.shape().str(),
                                name(value.dtype), value.shape.str()));
  const bool is_given = gradient.storage().get() == given.storage().get() && gradient.is_contiguous();
  return {&leaf, std::move(gradient), is_given};
}

// Adds to the leaves, whose gradients threads may share. No loop may run under a lock: the threads the loop waits for
// may themselves wait for the lock, in a traversal of theirs. So a sum is taken out of its leaf, added to without the
// lock, and put back, until nobody else has put one there meanwhile. What needs memory comes first: where there is
// none, no leaf has changed.
void add_to_leaves(std::vector<LeafGradient>& leaves) {
  static std::mutex exchanging;
  for (LeafGradient& found : leaves)
    if (!found.is_final) found.gradient = owned(std::move(found.gradient));
  for (auto& [leaf, gradient, is_final] : leaves)
    for (;;) {
      Tensor before;
      {
        const std::lock_guard lock(exchanging);
        if (!leaf->grad.defined()) {
          leaf->grad = std::move(gradient);
          break;
        }
        before = std::move(leaf->grad);
        leaf->grad = Tensor();
      }
      add_scaled(gradient, before);
    }
}

}  // namespace heed
