// Recording: how an operation on Variables leaves a node behind, and what that node keeps.
//
// An operation is one screen: a rule (its derivative, with named saved tensors), and a function that computes on
// Tensors and calls record: autograd/ops/matmul.cpp has two. Element-wise functions are one statement
// (autograd/pointwise.h), and a gradient written by hand stands beside its definition (autograd/fused/fused.h).
#pragma once

#include <functional>
#include <initializer_list>
#include <span>

#include "heed/autograd/no_grad.h"
#include "heed/autograd/sums.h"
#include "heed/autograd/variable.h"

namespace heed {

/// A tensor a rule needs again. It holds the elements, not the position in the graph (or a node would own itself);
/// as<Variable>() derives that from the node. A change in place since it was kept is a GradError that names the
/// operation.
class Saved {
 public:
  explicit Saved(Node& owner) : owner_(owner), next_(std::exchange(owner.saved_, this)) {}
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;

  void keep_input(std::uint32_t input, const Variable& x) { keep(x.value(), Origin::input, input); }
  void keep_output(const Tensor& y, std::uint32_t slot = 0) { keep(y, Origin::output, slot); }
  void keep_constant(const Tensor& x) { keep(x, Origin::constant, 0); }

  bool has_value() const { return tensor_.defined(); }
  const Tensor& peek() const { return tensor_; }  ///< without the checks: for looking, not for rules
  const Tensor& tensor() const;                   ///< GradError when released, never kept, or changed since
  template <class V>
  decltype(auto) as() const {
    if constexpr (std::is_same_v<V, Tensor>)
      return tensor();
    else
      return variable();
  }

  const Saved* next() const { return next_; }

 private:
  friend class Node;
  enum class Origin : std::uint8_t { nothing, input, output, constant, released };

  void keep(const Tensor& x, Origin origin, std::uint32_t index);
  void release();
  Variable variable() const;

  Node& owner_;
  Saved* next_;
  Tensor tensor_;
  std::uint32_t version_ = 0;
  std::uint32_t index_ = 0;
  Origin origin_ = Origin::nothing;
};

/// Base of every rule: R gives `op` (the name) and one template `vjp`, for an operation with one output
/// `Grads<V> vjp(const V& dy)` or `Grads<V> vjp(const V& dy, const Sums<V>& sums)`, with several
/// `Grads<V> vjp(std::span<const V> dy)`.
template <class R>
struct Rule : Node {
  std::string_view name() const override { return R::op; }
  Grads<Tensor> run(std::span<const Tensor> dy, GradientSums* sums) override { return apply(dy, sums); }
  Grads<Variable> run(std::span<const Variable> dy) override { return apply(dy, nullptr); }

 private:
  template <class V>
  Grads<V> apply(std::span<const V> dy, GradientSums* so_far) {
    R& rule = static_cast<R&>(*this);
    const Sums<V> sums(so_far);
    if constexpr (requires { rule.template vjp<V>(dy[0], sums); })
      return rule.template vjp<V>(dy[0], sums);
    else if constexpr (requires { rule.template vjp<V>(dy[0]); })
      return rule.template vjp<V>(dy[0]);
    else
      return rule.template vjp<V>(dy);
  }
};

using Inputs = std::initializer_list<std::reference_wrapper<const Variable>>;

/// True when an operation on these inputs has a gradient to record.
template <class List>
bool recording(const List& inputs) {
  if (!grad_enabled()) return false;
  for (const Variable& input : inputs)
    if (input.requires_grad()) return true;
  return false;
}

/// y as result of a new node R whose inputs are `inputs`, a constant when none of them needs a gradient (or NoGrad).
/// `save` is called with the rule, inputs connected, so that it can ask needs() and keep what the gradient will need.
/// `arguments` are those of R's constructor.
template <class R, class List, class Save, class... Arguments>
Variable record_list(Tensor&& y, const List& inputs, Save&& save, const Arguments&... arguments) {
  if (!recording(inputs)) return Variable(std::move(y));
  R* rule = new R(arguments...);
  NodeRef node(rule);
  rule->expect_inputs(inputs.size());
  for (const Variable& input : inputs) rule->add_input({input.node(), input.slot()});
  rule->set_output(0, y);
  save(*rule);
  return Variable(std::move(y), std::move(node), 0);
}
template <class R, class Save, class... Arguments>
Variable record(Tensor y, Inputs inputs, Save&& save, const Arguments&... arguments) {
  return record_list<R>(std::move(y), inputs, std::forward<Save>(save), arguments...);
}
template <class R>
Variable record(Tensor y, Inputs inputs) {
  return record_list<R>(std::move(y), inputs, [](R&) {});
}

/// The same for an operation with several results.
template <class R, class Save>
std::vector<Variable> record_outputs(std::span<const Tensor> ys, Inputs inputs, Save&& save) {
  std::vector<Variable> results(ys.begin(), ys.end());
  if (ys.empty() || !recording(inputs)) return results;
  results[0] = record<R>(ys[0], inputs, std::forward<Save>(save));
  for (std::uint32_t slot = 1; slot < results.size(); ++slot) {
    results[0].node()->set_output(slot, ys[slot]);
    results[slot] = Variable(Tensor(ys[slot]), results[0].node(), slot);
  }
  return results;
}

}  // namespace heed
