#include "heed/autograd/fused/gru.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"

namespace heed {
namespace {

struct GruStepRule final : Rule<GruStepRule> {
  static constexpr std::string_view op = "gru_step";
  Saved h{*this}, weight{*this}, gates{*this}, inner{*this};
  Saved x_gates{*this}, bias{*this};  // for gradients of gradients
  GruReset reset{};

  template <class V>
  Grads<V> vjp(const V& dy) {
    if constexpr (std::is_same_v<V, Tensor>) {
      GruGradient g = gru_step_backward(h.tensor(), weight.tensor(), {{}, gates.tensor(), inner.tensor()}, dy, reset);
      return {std::move(g.x_gates), std::move(g.h), std::move(g.weight), needs(3) ? std::move(g.bias) : Tensor()};
    } else {
      return definition_vjp([&](const auto& x) { return gru_step_definition(x[0], x[1], x[2], x[3], reset); },
                            {x_gates.as<V>(), h.as<V>(), weight.as<V>(), bias.has_value() ? bias.as<V>() : V()}, dy);
    }
  }
};

}  // namespace

Variable gru_step(const Variable& x_gates, const Variable& h, const Variable& weight, const Variable& bias,
                  GruReset reset) {
  const GruStep step = gru_step_forward(x_gates.value(), h.value(), weight.value(), bias.value(), reset);
  return record<GruStepRule>(step.h, {x_gates, h, weight, bias}, [&](GruStepRule& rule) {
    rule.x_gates.keep_input(0, x_gates);
    rule.h.keep_input(1, h);
    rule.weight.keep_input(2, weight);
    if (bias.defined()) rule.bias.keep_input(3, bias);
    rule.gates.keep_constant(step.gates);
    rule.inner.keep_constant(step.inner);
    rule.reset = reset;
  });
}

Variable gru_step_definition(const Variable& x_gates, const Variable& h, const Variable& weight, const Variable& bias,
                             GruReset reset) {
  check_defined("gru_step", "h", h.value());
  const std::int64_t hidden = h.size(1);
  const auto part = [&](const Variable& all, int axis, std::int64_t gate) {
    return all.defined() ? slice(all, axis, gate * hidden, (gate + 1) * hidden) : all;
  };
  const auto product = [&](const Variable& state, std::int64_t gate) {  // U·state + b of one gate
    return linear_definition(state, part(weight, 0, gate), part(bias, 0, gate));
  };
  const Variable r = sigmoid(part(x_gates, 1, 0) + product(h, 0));
  const Variable z = sigmoid(part(x_gates, 1, 1) + product(h, 1));
  const Variable inner = reset == GruReset::after ? r * product(h, 2) : product(r * h, 2);
  const Variable n = tanh(part(x_gates, 1, 2) + inner);
  return (1.0 - z) * n + z * h;
}

}  // namespace heed
