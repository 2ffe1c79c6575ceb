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
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"

namespace heed {

/// For rules of fused operations: the gradient of `definition` (the same function composed of primitive operations) at
/// `inputs`, as a recorded function of the inputs and of dy. Inputs that need no gradient get an undefined one.
/// Where the definition gives several outputs, `dy` has as many gradients, undefined ones among them.
template <class Definition>
Grads<Variable> definition_vjp(Definition&& definition, const std::vector<Variable>& inputs,
                               std::span<const Variable> dy) {
  std::vector<Variable> ends, wanted;
  for (const Variable& input : inputs) {
    ends.push_back(input.requires_grad() ? identity(input) : input);
    if (input.requires_grad()) wanted.push_back(ends.back());
  }
  const auto outputs = definition(ends);
  std::vector<Variable> found;
  if constexpr (std::is_same_v<decltype(outputs), const Variable>) {
    found = recorded_gradients(outputs, wanted, dy[0], {.stop_at_inputs = true});
  } else {  // the gradient of Σ outputs∘dy
    Variable total;
    for (std::size_t i = 0; i < dy.size(); ++i) {
      if (!dy[i].defined()) continue;
      const Variable part = sum(outputs[i] * dy[i]);
      total = total.defined() ? total + part : part;
    }
    if (total.requires_grad())
      found = recorded_gradients(total, wanted, {}, {.stop_at_inputs = true});
    else  // outputs without elements, say, that depend on nothing
      for (const Variable& input : wanted) found.emplace_back(zeros(input.shape(), input.dtype()));
  }
  Grads<Variable> result;
  for (std::size_t i = 0, next = 0; i < inputs.size(); ++i)
    result.push_back(inputs[i].requires_grad() ? found[next++] : Variable());
  return result;
}

/// Base of a fused operation R with N inputs, some of which may be undefined, and M outputs. R has
/// * `op`, its name;
/// * `forward(x0, x1, …)`: the output from the N input Tensors, for M > 1 an array of M. What backward reads besides
///   the inputs it keeps in Saved members. It may ask needs(i), which is false for every input where nothing is
///   recorded;
/// * `backward(dy)` or `backward(dy, sums)`: the N gradients, undefined where needs(i) is false. For M > 1 dy is a
///   span, some of it undefined. `sums` is a const Sums<Tensor>&;
/// * `definition(inputs) const`: the same function of N Variables in primitive operations, for M > 1 an array of M;
/// * members for what else it needs, set by its constructor.
template <class R, std::size_t N, std::size_t M = 1>
class Fused : public Node {
 public:
  using Inputs = std::array<std::reference_wrapper<const Variable>, N>;
  using Outputs = std::conditional_t<M == 1, Variable, std::array<Variable, M>>;

  std::string_view name() const final { return R::op; }
  Grads<Tensor> run(std::span<const Tensor> dy, GradientSums* so_far) final {
    const auto backward = [&](const auto& gradients) {
      if constexpr (const Sums<Tensor> sums(so_far); requires { rule().backward(gradients, sums); })
        return rule().backward(gradients, sums);
      else
        return rule().backward(gradients);
    };
    if constexpr (M == 1)
      return backward(dy[0]);
    else
      return backward(dy);
  }
  Grads<Variable> run(std::span<const Variable> dy) final {
    std::vector<Variable> inputs(N);
    for (std::size_t i = 0; i < N; ++i)
      if (given_[i]) inputs[i] = saved_inputs_[i].template as<Variable>();
    return definition_vjp([this](const auto& x) { return rule().definition(x); }, inputs, dy);
  }

  /// For fused(): connects the inputs and computes the outputs. Only a node that is going to be recorded keeps the
  /// inputs.
  std::array<Tensor, M> compute(const Inputs& inputs, bool recorded) {
    this->expect_inputs(N);
    for (const Variable& x : inputs) this->add_input(recorded ? Edge{x.node(), x.slot()} : Edge{});
    std::array<Tensor, M> y{
        std::apply([this](const auto&... x) { return rule().forward(x.get().value()...); }, inputs)};
    if (!recorded) return y;
    for (std::uint32_t i = 0; i < N; ++i) {
      const Variable& x = inputs[i];
      given_[i] = x.defined();
      if (given_[i]) saved_inputs_[i].keep_input(i, x);
    }
    for (std::uint32_t slot = 0; slot < M; ++slot) this->set_output(slot, y[slot]);
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

/// The output of the fused operation R (for several an array), recorded when an input needs a gradient; `arguments` are
/// those of R's constructor. Where nothing is recorded, nothing that forward has kept outlives the call.
template <class R, class... Arguments>
typename R::Outputs fused(const typename R::Inputs& inputs, const Arguments&... arguments) {
  const auto outputs = [](auto&& y, const NodeRef& node) {
    return [&]<std::size_t... slot>(std::index_sequence<slot...>) {
      return typename R::Outputs{node ? Variable(std::move(y[slot]), node, slot) : Variable(std::move(y[slot]))...};
    }(std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<decltype(y)>>>());
  };
  if (!recording(inputs)) return outputs(R(arguments...).compute(inputs, false), {});
  R* rule = new R(arguments...);
  const NodeRef node(rule);
  return outputs(rule->compute(inputs, true), node);
}

}  // namespace heed
