#include "heed/autograd/fused/rnn.h"

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/internal/sequences.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/recurrent_weight.h"
#include "heed/tensor/kernels/rnn.h"
#include "heed/tensor/ops/matmul.h"

namespace heed {
namespace {

struct Rnn final : Fused<Rnn, 3, 2> {
  static constexpr const char* op = "rnn";
  RnnActivation activation;
  SequenceOrder order;
  Sequences sequences;
  Saved outputs{*this};  // [B, T, H]: h' of every time

  Rnn(RnnActivation f, const SequenceOrder& o) : activation(f), order(o) {}

  std::array<Tensor, 2> forward(const Tensor& x, const Tensor& h0, const Tensor& weight) {
    const Sizes size = check_shapes(op, {{"input_gates", x, "B T H"}, {"h", h0, "B H"}, {"weight", weight, "H H"}});
    for (const Tensor* other : {&h0, &weight}) check_same_dtype(op, x.dtype(), other->dtype());
    if (!is_float(x.dtype())) throw_dtype(op, x.dtype(), "f32 or f64");
    const std::int64_t steps = size['T'], hidden = size['H'];
    sequences = Sequences(op, order, size['B'], steps);
    Tensor y = x.clone(), h = h0.clone();
    dispatch_float(op, x.dtype(), [&]<class T> {
      const auto step = kernel<T>().forward;
      const RecurrentWeight product(op, mT(weight), size['B'], steps);
      T *y_data = y.mutable_data<T>(), *h_now = h.mutable_data<T>();
      for (std::int64_t i = 0; i < steps; ++i) {
        const std::int64_t t = sequences.time(i);
        product.add_product<T>(h, select(y, 1, t));  // x + h·Uᵀ
        sequences.each_example(t, hidden, [&](std::int64_t b, std::int64_t row) {
          step(y_data + row * hidden, y_data + row * hidden, to_size(hidden));
          std::copy_n(y_data + row * hidden, hidden, h_now + b * hidden);
        });
      }
    });
    sequences.clear_padding(y);
    outputs.keep_output(y, 0);
    return {y, h};
  }

  Grads<Tensor> backward(std::span<const Tensor> gradients, const Sums<Tensor>& sums) {
    const Tensor &y = outputs.tensor(), first_h = input(1).contiguous(), &weight = input(2);
    const Tensor dy = gradients[0].defined() ? gradients[0].contiguous() : Tensor();
    const std::int64_t batch = first_h.size(0), hidden = first_h.size(1), steps = sequences.steps();
    Tensor dh = gradients[1].defined() ? gradients[1].clone() : zeros({batch, hidden}, y.dtype());
    Tensor da = empty(y.shape(), y.dtype(), op);
    sequences.clear_padding(da);
    dispatch_float(op, y.dtype(), [&]<class T> {
      const auto step = kernel<T>().backward;
      const RecurrentWeight product(op, weight, batch, steps);
      const T *y_data = y.data<T>(), *dy_data = dy.defined() ? dy.data<T>() : nullptr;
      T *dh_now = dh.mutable_data<T>(), *da_data = da.mutable_data<T>();
      for (std::int64_t i = steps - 1; i >= 0; --i) {
        const std::int64_t t = sequences.time(i);
        sequences.each_example(t, hidden, [&](std::int64_t b, std::int64_t row) {
          step(y_data + row * hidden, dy_data ? dy_data + row * hidden : nullptr, dh_now + b * hidden,
               da_data + row * hidden, to_size(hidden));
        });
        product.add_product<T>(select(da, 1, t), dh);  // dh += da·U
      }
    });
    const Tensor rows = reshape(da, {batch * steps, hidden});
    return {needs(0) ? da : Tensor(), needs(1) ? dh : Tensor(),
            needs(2) ? sums.add_product(2, mT(rows), sequences.states_before(y, first_h)) : Tensor()};
  }

  std::array<Variable, 2> definition(std::span<const Variable> x) const {
    return rnn_definition(x[0], x[1], x[2], activation, order);
  }

 private:
  template <class T>
  const kernels::RnnKernels<T>& kernel() const {
    return activation == RnnActivation::tanh ? kernels::rnn_tanh().of<T>() : kernels::rnn_relu().of<T>();
  }
};

}  // namespace

std::array<Variable, 2> rnn(const Variable& input_gates, const Variable& h, const Variable& weight,
                            RnnActivation activation, const SequenceOrder& order) {
  return fused<Rnn>({input_gates, h, weight}, activation, order);
}

std::array<Variable, 2> rnn_definition(const Variable& input_gates, const Variable& h, const Variable& weight,
                                       RnnActivation activation, const SequenceOrder& order) {
  const auto step = [&](const Variable& gates, const std::vector<Variable>& state) -> std::vector<Variable> {
    const Variable a = gates + matmul(state[0], mT(weight));
    return {activation == RnnActivation::tanh ? tanh(a) : relu(a)};
  };
  const std::vector<Variable> found = loop_over_time("rnn", input_gates, {h}, order, step);
  return {found[0], found[1]};
}

}  // namespace heed
