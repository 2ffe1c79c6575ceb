#include "heed/autograd/variable.h"

#include <fmt/format.h>

namespace heed {

Grads<Variable> Leaf::run(std::span<const Variable>) { return {}; }

Variable::Variable(Tensor value, bool requires_grad) : value_(std::move(value)) {
  if (!requires_grad) return;
  if (!value_.defined() || !is_float(value_.dtype()))
    throw GradError(fmt::format("variable: only f32 and f64 have gradients, dtype is {}",
                                value_.defined() ? name(value_.dtype()) : "undefined"));
  node_ = NodeRef(new Leaf(value_));
}

Leaf& Variable::required_leaf(const char* operation) const {
  Leaf* found = leaf();
  if (!found)
    throw GradError(fmt::format("{}: only leaves keep a gradient; this is {}", operation,
                                node_ ? fmt::format("a result of {}", node_->name()) : "a constant"));
  return *found;
}

const Tensor& Variable::grad() const { return required_leaf("grad").grad; }

void Variable::set_grad(Tensor grad) const {
  Leaf& target = required_leaf("set_grad");
  if (grad.defined()) {
    check_same_dtype("set_grad", dtype(), grad.dtype());
    if (!(grad.shape() == shape()))
      throw ShapeError(fmt::format("set_grad: value {}, gradient {}", shape().str(), grad.shape().str()));
  }
  target.grad = std::move(grad);
}

void Variable::set_grad_hook(std::function<void(Tensor& gradient)> hook) const {
  required_leaf("set_grad_hook").hook = std::move(hook);
}

}  // namespace heed
