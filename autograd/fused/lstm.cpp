#include "heed/autograd/fused/lstm.h"

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/internal/sequences.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/recurrent_weight.h"
#include "heed/tensor/kernels/lstm.h"
#include "heed/tensor/ops/matmul.h"

namespace heed {
namespace {

struct Lstm final : Fused<Lstm, 4, 3> {
  static constexpr const char* op = "lstm";
  SequenceOrder order;
  Sequences sequences;
  Saved gates{*this};                  // [B, T, 4H]: i, f, g, o
  Saved outputs{*this}, cells{*this};  // [B, T, H]: h' and c' of every time

  explicit Lstm(const SequenceOrder& o) : order(o) {}

  std::array<Tensor, 3> forward(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& weight) {
    const Sizes size = check_shapes(
        op, {{"input_gates", x, "B T 4H"}, {"h", h0, "B H"}, {"c", c0, "B H"}, {"weight", weight, "4H H"}});
    for (const Tensor* other : {&h0, &c0, &weight}) check_same_dtype(op, x.dtype(), other->dtype());
    if (!is_float(x.dtype())) throw_dtype(op, x.dtype(), "f32 or f64");
    const std::int64_t steps = size['T'], hidden = size['H'];
    sequences = Sequences(op, order, size['B'], steps);
    Tensor a = x.clone(), h = h0.clone(), c = c0.clone();
    Tensor y = empty({size['B'], steps, hidden}, x.dtype(), op), all_c = empty(y.shape(), x.dtype(), op);
    sequences.clear_padding(y);
    dispatch_float(op, x.dtype(), [&]<class T> {
      const auto step = kernels::lstm().of<T>().forward;
      const RecurrentWeight product(op, mT(weight), size['B'], steps);
      T *a_data = a.mutable_data<T>(), *y_data = y.mutable_data<T>(), *c_data = all_c.mutable_data<T>();
      T *h_now = h.mutable_data<T>(), *c_now = c.mutable_data<T>();
      for (std::int64_t i = 0; i < steps; ++i) {
        const std::int64_t t = sequences.time(i);
        product.add_product<T>(h, select(a, 1, t));  // a += h·Uᵀ
        sequences.each_example(t, 4 * hidden, [&](std::int64_t b, std::int64_t row) {
          T* next_c = c_data + row * hidden;
          step(a_data + row * 4 * hidden, c_now + b * hidden, next_c, y_data + row * hidden, to_size(hidden));
          std::copy_n(y_data + row * hidden, hidden, h_now + b * hidden);
          std::copy_n(next_c, hidden, c_now + b * hidden);
        });
      }
    });
    gates.keep_constant(a);
    outputs.keep_output(y, 0);
    cells.keep_constant(all_c);
    return {y, h, c};
  }

  Grads<Tensor> backward(std::span<const Tensor> gradients, const Sums<Tensor>& sums) {
    const Tensor &a = gates.tensor(), &y = outputs.tensor(), &all_c = cells.tensor();
    const Tensor first_h = input(1).contiguous(), first_c = input(2).contiguous(), &weight = input(3);
    const Tensor dy = gradients[0].defined() ? gradients[0].contiguous() : Tensor();
    const std::int64_t batch = first_h.size(0), hidden = first_h.size(1), steps = sequences.steps();
    const auto of_state = [&](const Tensor& dx) {
      return dx.defined() ? dx.clone() : zeros({batch, hidden}, a.dtype());
    };
    Tensor dh = of_state(gradients[1]), dc = of_state(gradients[2]), da = empty(a.shape(), a.dtype(), op);
    sequences.clear_padding(da);
    dispatch_float(op, a.dtype(), [&]<class T> {
      const auto step = kernels::lstm().of<T>().backward;
      const RecurrentWeight product(op, weight, batch, steps);
      const T *c_data = all_c.data<T>(), *dy_data = dy.defined() ? dy.data<T>() : nullptr;
      T *dh_now = dh.mutable_data<T>(), *dc_now = dc.mutable_data<T>(), *da_data = da.mutable_data<T>();
      for (std::int64_t i = steps - 1; i >= 0; --i) {
        const std::int64_t t = sequences.time(i);
        sequences.each_example(t, 4 * hidden, [&](std::int64_t b, std::int64_t row) {
          const std::int64_t before = sequences.row_before(b, t);
          const T* c = before < 0 ? first_c.data<T>() + b * hidden : c_data + before * hidden;
          step(a.data<T>() + row * 4 * hidden, c, c_data + row * hidden, dy_data ? dy_data + row * hidden : nullptr,
               dh_now + b * hidden, dc_now + b * hidden, da_data + row * 4 * hidden, to_size(hidden));
        });
        product.add_product<T>(select(da, 1, t), dh);  // dh += da·U
      }
    });
    const Tensor rows = reshape(da, {batch * steps, 4 * hidden});
    return {needs(0) ? da : Tensor(), needs(1) ? dh : Tensor(), needs(2) ? dc : Tensor(),
            needs(3) ? sums.add_product(3, mT(rows), sequences.states_before(y, first_h)) : Tensor()};
  }

  std::array<Variable, 3> definition(std::span<const Variable> x) const {
    return lstm_definition(x[0], x[1], x[2], x[3], order);
  }
};

}  // namespace

std::array<Variable, 3> lstm(const Variable& input_gates, const Variable& h, const Variable& c, const Variable& weight,
                             const SequenceOrder& order) {
  return fused<Lstm>({input_gates, h, c, weight}, order);
}

std::array<Variable, 3> lstm_definition(const Variable& input_gates, const Variable& h, const Variable& c,
                                        const Variable& weight, const SequenceOrder& order) {
  const auto step = [&](const Variable& gates, const std::vector<Variable>& state) -> std::vector<Variable> {
    const Variable a = gates + matmul(state[0], mT(weight));
    const std::int64_t hidden = weight.size(1);
    const auto part = [&](std::int64_t gate) { return slice(a, -1, gate * hidden, (gate + 1) * hidden); };
    const Variable next_c = sigmoid(part(1)) * state[1] + sigmoid(part(0)) * tanh(part(2));
    return {sigmoid(part(3)) * tanh(next_c), next_c};
  };
  const std::vector<Variable> found = loop_over_time("lstm", input_gates, {h, c}, order, step);
  return {found[0], found[1], found[2]};
}

}  // namespace heed
