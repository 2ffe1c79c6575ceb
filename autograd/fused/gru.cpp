#include "heed/autograd/fused/gru.h"

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/each_row.h"
#include "heed/tensor/kernels/gru.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

struct GruStep final : Fused<GruStep, 4> {
  static constexpr std::string_view op = "gru_step";
  GruReset reset;
  Saved gates{*this};    // [B, 3H]: r, z, n
  Saved product{*this};  // reset after: U·h + b [B, 3H]; before: r∘h [B, H]

  explicit GruStep(GruReset r) : reset(r) {}

  Tensor forward(const Tensor& input_gates, const Tensor& state, const Tensor& weight, const Tensor& bias) {
    const Sizes size = check_shapes(op, {{"input_gates", input_gates, "B 3H"},
                                         {"h", state, "B H"},
                                         {"weight", weight, "3H H"},
                                         {"bias", bias, "3H", true}});
    for (const Tensor* other : {&state, &weight, &bias})
      if (other->defined()) check_same_dtype(op, input_gates.dtype(), other->dtype());
    const Tensor x = input_gates.contiguous(), h = state.contiguous();
    const RowLoop examples{size['B'], size['H']};
    return dispatch_float(op, h.dtype(), [&]<class T> {
      const auto& kernel = kernels::gru<T>();
      Tensor y = empty(h.shape(), h.dtype(), op), rzn = empty(x.shape(), h.dtype(), op);
      if (reset == GruReset::after) {
        const Tensor u = linear(h, weight, bias);
        each_row<T>(examples, kernel.forward, x, u, h, rzn, y);
        product.keep_constant(u);
      } else {
        Tensor reset_h = empty(h.shape(), h.dtype(), op);
        const Tensor u_rz = linear(h, r_and_z(weight), r_and_z(bias));  // [B, 2H]
        each_row<T>(examples, kernel.gates, x, u_rz, h, rzn, reset_h);
        const Tensor u_n = linear(reset_h, n(weight), n(bias));  // [B, H]
        each_row<T>(examples, kernel.blend, x, u_n, h, rzn, y);
        product.keep_constant(reset_h);
      }
      gates.keep_constant(rzn);
      return y;
    });
  }

  Grads<Tensor> backward(const Tensor& gradient) {
    const Tensor h = input(1).contiguous(), dy = gradient.contiguous();
    const Tensor& rzn = gates.tensor();
    const RowLoop examples{h.size(0), h.size(1)};
    Tensor dx = empty(rzn.shape(), h.dtype(), op), dh = empty(h.shape(), h.dtype(), op), dweight, dbias;
    dispatch_float(op, h.dtype(), [&]<class T> {
      const auto& kernel = kernels::gru<T>();
      if (reset == GruReset::after) {
        Tensor du = empty(rzn.shape(), h.dtype(), op);  // of U·h + b
        each_row<T>(examples, kernel.backward, product.tensor(), h, rzn, dy, dx, du, dh);
        if (needs(1)) add_matmul(dh, du, input(2));
        if (needs(2)) dweight = matmul(mT(du), h);
        if (needs(3)) dbias = sum(du, {0});
      } else {
        each_row<T>(examples, kernel.blend_backward, h, rzn, dy, dx, dh);
        const Tensor dx_n = slice(dx, 1, 2 * h.size(1), to_end), dx_rz = slice(dx, 1, 0, 2 * h.size(1));
        const Tensor dreset_h = matmul(dx_n, n(input(2)));
        each_row<T>(examples, kernel.gates_backward, h, rzn, dreset_h, dx, dh);
        if (needs(1)) add_matmul(dh, dx_rz, r_and_z(input(2)));
        if (needs(2)) {
          dweight = zeros(input(2).shape(), h.dtype());
          Tensor dweight_rz = r_and_z(dweight), dweight_n = n(dweight);
          add_matmul(dweight_rz, mT(dx_rz), h);
          add_matmul(dweight_n, mT(dx_n), product.tensor());
        }
        if (needs(3)) dbias = sum(dx, {0});
      }
    });
    return {needs(0) ? dx : Tensor(), needs(1) ? dh : Tensor(), dweight, dbias};
  }

  Variable definition(std::span<const Variable> x) const { return gru_step_definition(x[0], x[1], x[2], x[3], reset); }

 private:
  // The rows of these gates in weight [3H, H] or bias [3H].
  static Tensor r_and_z(const Tensor& x) { return x.defined() ? slice(x, 0, 0, x.size(0) / 3 * 2) : x; }
  static Tensor n(const Tensor& x) { return x.defined() ? slice(x, 0, x.size(0) / 3 * 2, to_end) : x; }
};

}  // namespace

Variable gru_step(const Variable& input_gates, const Variable& h, const Variable& weight, const Variable& bias,
                  GruReset reset) {
  return fused<GruStep>({input_gates, h, weight, bias}, reset);
}

Variable gru_step_definition(const Variable& input_gates, const Variable& h, const Variable& weight,
                             const Variable& bias, GruReset reset) {
  check_defined("gru_step", "h", h.value());
  const std::int64_t hidden = h.size(1);
  const auto part = [&](const Variable& all, int axis, std::int64_t gate) {
    return all.defined() ? slice(all, axis, gate * hidden, (gate + 1) * hidden) : all;
  };
  const auto product = [&](const Variable& state, std::int64_t gate) {  // U·state + b of one gate
    return linear_definition(state, part(weight, 0, gate), part(bias, 0, gate));
  };
  const Variable r = sigmoid(part(input_gates, 1, 0) + product(h, 0));
  const Variable z = sigmoid(part(input_gates, 1, 1) + product(h, 1));
  const Variable u_n = reset == GruReset::after ? r * product(h, 2) : product(r * h, 2);
  const Variable n = tanh(part(input_gates, 1, 2) + u_n);
  return (1.0 - z) * n + z * h;
}

}  // namespace heed
