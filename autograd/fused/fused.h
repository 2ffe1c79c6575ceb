// Fused operations: one class holds the check, a fast forward pass and a hand-written gradient, and names the
// definition in primitive operations that both must equal:
//
//   struct ScaledSum final : Fused<ScaledSum, 2> {            // y = factor·(a + b)
//     static constexpr std::string_view op = "scaled_sum";
//     double factor;
//     explicit ScaledSum(double f) : factor(f) {}
//
//     Tensor forward(const Tensor& a, const Tensor& b) { ... }   // check_shapes, compute, keep what backward will read
//     Grads<Tensor> backward(const Tensor& dy) {                 // computes only what is needed
//       return {needs(0) ? dy * factor : Tensor(), needs(1) ? dy * factor : Tensor()};
//     }
//     Variable definition(std::span<const Variable> x) const { return scaled_sum_definition(x[0], x[1], factor); }
//   };
//   Variable scaled_sum(const Variable& a, const Variable& b, double factor) {
//     return fused<ScaledSum>({a, b}, factor);
//   }
//
// The base keeps the inputs, and differentiates the definition where gradients are themselves recorded.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/record.h"

namespace heed {

/// For rules of fused operations: the gradient of `definition` (the same function composed of primitive operations) at
/// `inputs`, as a recorded function of the inputs and of dy. Inputs that need no gradient get an undefined one.
template <class Definition>
Grads<Variable> definition_vjp(Definition&& definition, const std::vector<Variable>& inputs, const Variable& dy) {
  std::vector<Variable> ends, wanted;
  for (const Variable& input : inputs) {
    ends.push_back(input.requires_grad() ? identity(input) : input);
    if (input.requires_grad()) wanted.push_back(ends.back());
  }
  const std::vector<Variable> found = recorded_gradients(definition(ends), wanted, dy, {.stop_at_inputs = true});
  Grads<Variable> result;
  for (std::size_t i = 0, next = 0; i < inputs.size(); ++i)
    result.push_back(inputs[i].requires_grad() ? found[next++] : Variable());
  return result;
}

/// Base of a fused operation R with N inputs, some of which may be undefined, and one output. R has
/// * `op`, its name;
/// * `forward(x0, x1, …)`: the output from the N input Tensors. What backward reads besides those it keeps in Saved
///   members. It may ask needs(i), which is false for every input where nothing is recorded;
/// * `backward(dy)`: the N gradients, undefined where needs(i) is false;
/// * `definition(inputs) const`: the same function of N Variables in primitive operations;
/// * members for what else it needs, set by its constructor.
template <class R, std::size_t N>
class Fused : public Node {
 public:
  using Inputs = std::array<std::reference_wrapper<const Variable>, N>;

  std::string_view name() const final { return R::op; }
  Grads<Tensor> run(std::span<const Tensor> dy) final { return rule().backward(dy[0]); }
  Grads<Variable> run(std::span<const Variable> dy) final {
    std::vector<Variable> inputs(N);
    for (std::size_t i = 0; i < N; ++i)
      if (given_[i]) inputs[i] = saved_inputs_[i].template as<Variable>();
    return definition_vjp([this](const auto& x) { return rule().definition(x); }, inputs, dy[0]);
  }

  /// For fused(): connects the inputs and computes the output. Only a node that is going to be recorded keeps the
  /// inputs.
  Tensor compute(const Inputs& inputs, bool recorded) {
    this->expect_inputs(N);
    for (const Variable& x : inputs) this->add_input(recorded ? Edge{x.node(), x.slot()} : Edge{});
    const Tensor y = std::apply([this](const auto&... x) { return rule().forward(x.get().value()...); }, inputs);
    if (!recorded) return y;
    for (std::uint32_t i = 0; i < N; ++i) {
      const Variable& x = inputs[i];
      given_[i] = x.defined();
      if (given_[i]) saved_inputs_[i].keep_input(i, x);
    }
    this->set_output(0, y);
    return y;
  }

 protected:
  /// Input number i, for backward. GradError when it was changed in place since, or was undefined.
  const Tensor& input(std::size_t i) const { return saved_inputs_[i].tensor(); }

 private:
  R& rule() { return static_cast<R&>(*this); }

  template <std::size_t... I>
  static std::array<Saved, N> saved_by(Node& owner, std::index_sequence<I...>) {
    return {((void)I, Saved(owner))...};
  }

  std::array<Saved, N> saved_inputs_ = saved_by(*this, std::make_index_sequence<N>());
  std::array<bool, N> given_{};
};

/// The output of the fused operation R, recorded when an input needs a gradient; `arguments` are those of R's
/// constructor. Where nothing is recorded, nothing that forward has kept outlives the call.
template <class R, class... Arguments>
Variable fused(const typename R::Inputs& inputs, const Arguments&... arguments) {
  if (!recording(inputs)) return Variable(R(arguments...).compute(inputs, false));
  R* rule = new R(arguments...);
  NodeRef node(rule);
  Tensor y = rule->compute(inputs, true);
  return Variable(std::move(y), std::move(node), 0);
}

}  // namespace heed
