#include "heed/autograd/fused/gru.h"

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/internal/sequences.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/recurrent_weight.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/gru.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

// What belongs to these gates in weight [3H, H], bias [3H] or gates [.., 3H].
Tensor r_and_z(const Tensor& x, int axis = 0) { return x.defined() ? slice(x, axis, 0, x.size(axis) / 3 * 2) : x; }
Tensor n(const Tensor& x, int axis = 0) { return x.defined() ? slice(x, axis, x.size(axis) / 3 * 2, to_end) : x; }

// The bias in every row of [.., G], or zeros: what a product with the weight is added to.
void fill_rows(Tensor& rows, const Tensor& bias) {
  if (bias.defined())
    copy_from(rows, expand(bias, rows.shape()));
  else
    fill(rows, 0);
}

struct Gru final : Fused<Gru, 4, 2> {
  static constexpr const char* op = "gru";
  GruReset reset;
  SequenceOrder order;
  Sequences sequences;
  Saved gates{*this};    // [B, T, 3H]: r, z, n
  Saved product{*this};  // reset after: U·h + b [B, T, 3H]; before: r∘h [B, T, H]
  Saved outputs{*this};  // [B, T, H]: h' of every time

  Gru(GruReset r, const SequenceOrder& o) : reset(r), order(o) {}

  std::array<Tensor, 2> forward(const Tensor& input_gates, const Tensor& h0, const Tensor& weight, const Tensor& bias) {
    const Sizes size = check_shapes(op, {{"input_gates", input_gates, "B T 3H"},
                                         {"h", h0, "B H"},
                                         {"weight", weight, "3H H"},
                                         {"bias", bias, "3H", true}});
    for (const Tensor* other : {&h0, &weight, &bias})
      if (other->defined()) check_same_dtype(op, input_gates.dtype(), other->dtype());
    if (!is_float(input_gates.dtype())) throw_dtype(op, input_gates.dtype(), "f32 or f64");
    const DType dtype = input_gates.dtype();
    const std::int64_t batch = size['B'], steps = size['T'], hidden = size['H'];
    sequences = Sequences(op, order, batch, steps);
    const Tensor x = input_gates.contiguous();
    Tensor h = h0.clone(), rzn = empty(x.shape(), dtype, op), y = empty({batch, steps, hidden}, dtype, op);
    sequences.clear_padding(y);
    dispatch_float(op, dtype, [&]<class T> {
      product.keep_constant(reset == GruReset::after ? forward_after<T>(x, weight, bias, h, rzn, y)
                                                     : forward_before<T>(x, weight, bias, h, rzn, y));
    });
    gates.keep_constant(rzn);
    outputs.keep_output(y, 0);
    return {y, h};
  }

  Grads<Tensor> backward(std::span<const Tensor> gradients, const Sums<Tensor>& sums) {
    const Tensor& rzn = gates.tensor();
    const Tensor first_h = input(1).contiguous(), dy = gradients[0].defined() ? gradients[0].contiguous() : Tensor();
    const DType dtype = rzn.dtype();
    Tensor dh = gradients[1].defined() ? gradients[1].clone() : zeros(first_h.shape(), dtype);
    Tensor dx = empty(rzn.shape(), dtype, op), du = dx;  // of U·h + b
    if (reset == GruReset::after) du = empty(rzn.shape(), dtype, op);
    for (Tensor* all : {&dx, &du}) sequences.clear_padding(*all);
    dispatch_float(op, dtype, [&]<class T> {
      reset == GruReset::after ? backward_after<T>(first_h, dy, dh, dx, du) : backward_before<T>(first_h, dy, dh, dx);
    });
    return {needs(0) ? dx : Tensor(), needs(1) ? dh : Tensor(),
            needs(2) ? weight_gradient(du, first_h, sums) : Tensor(), needs(3) ? sum(du, {0, 1}) : Tensor()};
  }

  std::array<Variable, 2> definition(std::span<const Variable> x) const {
    return gru_definition(x[0], x[1], x[2], x[3], reset, order);
  }

 private:
  // All times, each for the whole batch; h is where every example is. Gives U·h + b.
  template <class T>
  Tensor forward_after(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor& h, Tensor& rzn,
                       Tensor& y) const {
    const auto step = kernels::gru().of<T>().forward;
    const std::int64_t steps = sequences.steps(), hidden = h.size(1);
    Tensor u = empty(x.shape(), x.dtype(), op);
    fill_rows(u, bias);
    const RecurrentWeight u_product(op, mT(weight), h.size(0), steps);
    const T* x_data = x.data<T>();
    T *u_data = u.mutable_data<T>(), *h_now = h.mutable_data<T>(), *rzn_data = rzn.mutable_data<T>(),
      *y_data = y.mutable_data<T>();
    for (std::int64_t i = 0; i < steps; ++i) {
      const std::int64_t t = sequences.time(i);
      u_product.add_product<T>(h, select(u, 1, t));
      sequences.each_example(t, 3 * hidden, [&](std::int64_t b, std::int64_t row) {
        step(x_data + row * 3 * hidden, u_data + row * 3 * hidden, h_now + b * hidden, rzn_data + row * 3 * hidden,
             y_data + row * hidden, to_size(hidden));
        std::copy_n(y_data + row * hidden, hidden, h_now + b * hidden);
      });
    }
    return u;
  }

  // The same; the state that n sees is reset before its product. Gives r∘h.
  template <class T>
  Tensor forward_before(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor& h, Tensor& rzn,
                        Tensor& y) const {
    const auto& kernel = kernels::gru().of<T>();
    const std::int64_t batch = h.size(0), steps = sequences.steps(), hidden = h.size(1);
    Tensor reset_h = empty(y.shape(), y.dtype(), op), u_rz = empty({batch, 2 * hidden}, y.dtype(), op),
           u_n = empty({batch, hidden}, y.dtype(), op);
    sequences.clear_padding(reset_h);
    const RecurrentWeight rz_product(op, mT(r_and_z(weight)), batch, steps), n_product(op, mT(n(weight)), batch, steps);
    const T* x_data = x.data<T>();
    T *reset_data = reset_h.mutable_data<T>(), *rz_data = u_rz.mutable_data<T>(), *n_data = u_n.mutable_data<T>(),
      *h_now = h.mutable_data<T>(), *rzn_data = rzn.mutable_data<T>(), *y_data = y.mutable_data<T>();
    for (std::int64_t i = 0; i < steps; ++i) {
      const std::int64_t t = sequences.time(i);
      fill_rows(u_rz, r_and_z(bias));
      rz_product.add_product<T>(h, u_rz);
      sequences.each_example(t, 2 * hidden, [&](std::int64_t b, std::int64_t row) {
        kernel.gates(x_data + row * 3 * hidden, rz_data + b * 2 * hidden, h_now + b * hidden,
                     rzn_data + row * 3 * hidden, reset_data + row * hidden, to_size(hidden));
      });
      fill_rows(u_n, n(bias));
      n_product.add_product<T>(select(reset_h, 1, t), u_n);
      sequences.each_example(t, hidden, [&](std::int64_t b, std::int64_t row) {
        kernel.blend(x_data + row * 3 * hidden, n_data + b * hidden, h_now + b * hidden, rzn_data + row * 3 * hidden,
                     y_data + row * hidden, to_size(hidden));
        std::copy_n(y_data + row * hidden, hidden, h_now + b * hidden);
      });
    }
    return reset_h;
  }

  // Backwards; dh is the gradient of the state where every example is.
  template <class T>
  void backward_after(const Tensor& first_h, const Tensor& dy, Tensor& dh, Tensor& dx, Tensor& du) const {
    const auto step = kernels::gru().of<T>().backward;
    const std::int64_t steps = sequences.steps(), hidden = dh.size(1);
    const RecurrentWeight u_product(op, input(2), dh.size(0), steps);
    const T *u_data = product.tensor().data<T>(), *rzn_data = gates.tensor().data<T>();
    T *dh_now = dh.mutable_data<T>(), *dx_data = dx.mutable_data<T>(), *du_data = du.mutable_data<T>();
    for (std::int64_t i = steps - 1; i >= 0; --i) {
      const std::int64_t t = sequences.time(i);
      sequences.each_example(t, 3 * hidden, [&](std::int64_t b, std::int64_t row) {
        T* dstate = dh_now + b * hidden;
        add_row(dy, row, dstate, hidden);
        step(u_data + row * 3 * hidden, state_before<T>(first_h, b, t), rzn_data + row * 3 * hidden, dstate,
             dx_data + row * 3 * hidden, du_data + row * 3 * hidden, dstate, to_size(hidden));
      });
      u_product.add_product<T>(select(du, 1, t), dh);
    }
  }

  template <class T>
  void backward_before(const Tensor& first_h, const Tensor& dy, Tensor& dh, Tensor& dx) const {
    const auto& kernel = kernels::gru().of<T>();
    const std::int64_t batch = dh.size(0), steps = sequences.steps(), hidden = dh.size(1);
    const RecurrentWeight rz_product(op, r_and_z(input(2)), batch, steps), n_product(op, n(input(2)), batch, steps);
    Tensor dreset_h = empty(dh.shape(), dh.dtype(), op);
    const T* rzn_data = gates.tensor().data<T>();
    T *dreset_data = dreset_h.mutable_data<T>(), *dh_now = dh.mutable_data<T>(), *dx_data = dx.mutable_data<T>();
    for (std::int64_t i = steps - 1; i >= 0; --i) {
      const std::int64_t t = sequences.time(i);
      sequences.each_example(t, 2 * hidden, [&](std::int64_t b, std::int64_t row) {
        T* dstate = dh_now + b * hidden;
        add_row(dy, row, dstate, hidden);
        kernel.blend_backward(state_before<T>(first_h, b, t), rzn_data + row * 3 * hidden, dstate,
                              dx_data + row * 3 * hidden, dstate, to_size(hidden));
      });
      fill(dreset_h, 0);
      n_product.add_product<T>(n(select(dx, 1, t), -1), dreset_h);
      sequences.each_example(t, hidden, [&](std::int64_t b, std::int64_t row) {
        kernel.gates_backward(state_before<T>(first_h, b, t), rzn_data + row * 3 * hidden, dreset_data + b * hidden,
                              dx_data + row * 3 * hidden, dh_now + b * hidden, to_size(hidden));
      });
      rz_product.add_product<T>(r_and_z(select(dx, 1, t), -1), dh);
    }
  }

  // The state of example b before time t.
  template <class T>
  const T* state_before(const Tensor& first_h, std::int64_t b, std::int64_t t) const {
    const std::int64_t hidden = first_h.size(1), before = sequences.row_before(b, t);
    return before < 0 ? first_h.data<T>() + b * hidden : outputs.tensor().data<T>() + before * hidden;
  }

  // to += row number `row` of x, where x is defined.
  template <class T>
  static void add_row(const Tensor& x, std::int64_t row, T* to, std::int64_t n) {
    if (x.defined())
      kernels::elementwise().of<T>().binary(kernels::Binary::add, to, x.data<T>() + row * n, to, to_size(n));
  }

  // One product over all times, or two where the gates multiply different states. da: of all three.
  Tensor weight_gradient(const Tensor& da, const Tensor& first_h, const Sums<Tensor>& sums) const {
    const std::int64_t rows = da.size(0) * da.size(1), hidden = first_h.size(1);
    const Tensor all = mT(reshape(da, {rows, 3 * hidden})), before = sequences.states_before(outputs.tensor(), first_h);
    if (reset == GruReset::after) return sums.add_product(2, all, before);
    return sums.add_to_zeros(2, {3 * hidden, hidden}, da.dtype(), [&](Tensor& dweight) {
      Tensor dweight_rz = r_and_z(dweight), dweight_n = n(dweight);
      add_matmul(dweight_rz, r_and_z(all), before);
      add_matmul(dweight_n, n(all), reshape(product.tensor(), {rows, hidden}));
    });
  }
};

}  // namespace

std::array<Variable, 2> gru(const Variable& input_gates, const Variable& h, const Variable& weight,
                            const Variable& bias, GruReset reset, const SequenceOrder& order) {
  return fused<Gru>({input_gates, h, weight, bias}, reset, order);
}

std::array<Variable, 2> gru_definition(const Variable& input_gates, const Variable& h, const Variable& weight,
                                       const Variable& bias, GruReset reset, const SequenceOrder& order) {
  check_defined("gru", "weight", weight.value());
  const auto step = [&](const Variable& gates, const std::vector<Variable>& states) -> std::vector<Variable> {
    const std::int64_t hidden = weight.size(1);
    const auto part = [&](const Variable& all, int axis, std::int64_t gate) {
      return all.defined() ? slice(all, axis, gate * hidden, (gate + 1) * hidden) : all;
    };
    const auto product = [&](const Variable& input, std::int64_t gate) {  // U·input + b of one gate
      return linear_definition(input, part(weight, 0, gate), part(bias, 0, gate));
    };
    const Variable& state = states[0];
    const Variable r = sigmoid(part(gates, 1, 0) + product(state, 0));
    const Variable z = sigmoid(part(gates, 1, 1) + product(state, 1));
    const Variable u_n = reset == GruReset::after ? r * product(state, 2) : product(r * state, 2);
    const Variable n = tanh(part(gates, 1, 2) + u_n);
    return {(1.0 - z) * n + z * state};
  };
  const std::vector<Variable> found = loop_over_time("gru", input_gates, {h}, order, step);
  return {found[0], found[1]};
}

}  // namespace heed
