#include "heed/tensor/ops/gru.h"

#include <fmt/format.h>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/gru.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

template <class Body>
void each_example(std::int64_t batch, std::int64_t hidden, Body body) {
  parallel_chunks(batch, 1 + 4096 / (hidden + 1), [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) body(begin);
  });
}

Tensor gate_rows(const Tensor& x, std::int64_t begin, std::int64_t end) {  // of weight or bias
  return x.defined() ? slice(x, 0, begin, end) : x;
}

void check_shapes(const Tensor& x, const Tensor& h, const Tensor& weight, const Tensor& bias) {
  check_defined("gru_step", "x_gates", x);
  check_defined("gru_step", "h", h);
  check_defined("gru_step", "weight", weight);
  for (const Tensor* other : {&h, &weight, &bias})
    if (other->defined()) check_same_dtype("gru_step", x.dtype(), other->dtype());
  const bool ranks = x.rank() == 2 && h.rank() == 2 && weight.rank() == 2;
  const std::int64_t batch = ranks ? h.size(0) : 0, hidden = ranks ? h.size(1) : 0;
  if (!ranks || !(x.shape() == Shape{batch, 3 * hidden}) || !(weight.shape() == Shape{3 * hidden, hidden}) ||
      (bias.defined() && !(bias.shape() == Shape{3 * hidden})))
    throw ShapeError(fmt::format(
        "gru_step: x_gates {}, h {}, weight {}, bias {}: expected [B, 3H], [B, H], [3H, H], [3H]", x.shape().str(),
        h.shape().str(), weight.shape().str(), bias.defined() ? bias.shape().str() : "undefined"));
}

}  // namespace

GruStep gru_step_forward(const Tensor& x_gates, const Tensor& state, const Tensor& weight, const Tensor& bias,
                         GruReset reset) {
  check_shapes(x_gates, state, weight, bias);
  const Tensor x = x_gates.contiguous(), h = state.contiguous();
  const std::int64_t batch = h.size(0), hidden = h.size(1);
  return dispatch_float("gru_step", h.dtype(), [&]<class T> {
    const auto& kernel = kernels::gru<T>();
    GruStep step{empty(h.shape(), h.dtype(), "gru_step"), empty(x.shape(), h.dtype(), "gru_step"), {}};
    const T *from = x.data<T>(), *before = h.data<T>();
    T *gates = step.gates.mutable_data<T>(), *y = step.h.mutable_data<T>();
    if (reset == GruReset::after) {
      step.inner = linear(h, weight, bias);  // [B, 3H]
      const T* inner = step.inner.data<T>();
      each_example(batch, hidden, [&](std::int64_t b) {
        const std::int64_t one = b * hidden, three = 3 * one;
        kernel.forward(from + three, inner + three, before + one, gates + three, y + one, to_size(hidden));
      });
      return step;
    }
    step.inner = empty(h.shape(), h.dtype(), "gru_step");
    T* reset_h = step.inner.mutable_data<T>();
    const Tensor two = linear(h, gate_rows(weight, 0, 2 * hidden), gate_rows(bias, 0, 2 * hidden));  // [B, 2H]
    each_example(batch, hidden, [&](std::int64_t b) {
      const std::int64_t one = b * hidden;
      kernel.gates(from + 3 * one, two.data<T>() + 2 * one, before + one, gates + 3 * one, reset_h + one,
                   to_size(hidden));
    });
    const Tensor last = linear(step.inner, gate_rows(weight, 2 * hidden, to_end), gate_rows(bias, 2 * hidden, to_end));
    each_example(batch, hidden, [&](std::int64_t b) {
      const std::int64_t one = b * hidden;
      kernel.blend(from + 3 * one, last.data<T>() + one, before + one, gates + 3 * one, y + one, to_size(hidden));
    });
    return step;
  });
}

GruGradient gru_step_backward(const Tensor& state, const Tensor& weight, const GruStep& step, const Tensor& gradient,
                              GruReset reset) {
  check_shapes(step.gates, state, weight, {});
  check_defined("gru_step", "gradient", gradient);
  for (const Tensor* other : {&step.inner, &gradient}) check_same_dtype("gru_step", state.dtype(), other->dtype());
  const Shape& inner_shape = reset == GruReset::after ? step.gates.shape() : state.shape();
  if (!(gradient.shape() == state.shape()) || !(step.inner.shape() == inner_shape) || !step.gates.is_contiguous() ||
      !step.inner.is_contiguous())
    throw ShapeError(fmt::format("gru_step: h {}, dy {}, kept gates {} and inner {} do not fit", state.shape().str(),
                                 gradient.shape().str(), step.gates.shape().str(), step.inner.shape().str()));
  const Tensor h = state.contiguous(), dy = gradient.contiguous();
  const std::int64_t batch = h.size(0), hidden = h.size(1);
  return dispatch_float("gru_step", h.dtype(), [&]<class T> {
    const auto& kernel = kernels::gru<T>();
    GruGradient result{
        empty(step.gates.shape(), h.dtype(), "gru_step"), empty(h.shape(), h.dtype(), "gru_step"), {}, {}};
    const T *before = h.data<T>(), *gates = step.gates.data<T>(), *inner = step.inner.data<T>(),
            *incoming = dy.data<T>();
    T *dx = result.x_gates.mutable_data<T>(), *dh = result.h.mutable_data<T>();
    if (reset == GruReset::after) {
      Tensor shares = empty(step.gates.shape(), h.dtype(), "gru_step");  // gradient of U·h + b
      T* du = shares.mutable_data<T>();
      each_example(batch, hidden, [&](std::int64_t b) {
        const std::int64_t one = b * hidden, three = 3 * one;
        kernel.backward(inner + three, before + one, gates + three, incoming + one, dx + three, du + three, dh + one,
                        to_size(hidden));
      });
      add_matmul(result.h, shares, weight);
      result.weight = matmul(mT(shares), h);
      result.bias = sum(shares, {0});
      return result;
    }
    each_example(batch, hidden, [&](std::int64_t b) {
      const std::int64_t one = b * hidden, three = 3 * one;
      kernel.blend_backward(before + one, gates + three, incoming + one, dx + three, dh + one, to_size(hidden));
    });
    const Tensor dn = slice(result.x_gates, 1, 2 * hidden, to_end), drz = slice(result.x_gates, 1, 0, 2 * hidden);
    const Tensor reset_gradient = matmul(dn, gate_rows(weight, 2 * hidden, to_end));  // of r∘h
    each_example(batch, hidden, [&](std::int64_t b) {
      const std::int64_t one = b * hidden, three = 3 * one;
      kernel.gates_backward(before + one, gates + three, reset_gradient.data<T>() + one, dx + three, dh + one,
                            to_size(hidden));
    });
    add_matmul(result.h, drz, gate_rows(weight, 0, 2 * hidden));
    result.weight = zeros(weight.shape(), h.dtype());
    Tensor weight_rz = gate_rows(result.weight, 0, 2 * hidden), weight_n = gate_rows(result.weight, 2 * hidden, to_end);
    add_matmul(weight_rz, mT(drz), h);
    add_matmul(weight_n, mT(dn), step.inner);
    result.bias = sum(result.x_gates, {0});
    return result;
  });
}

}  // namespace heed
