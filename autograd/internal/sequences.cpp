#include "heed/autograd/internal/sequences.h"

#include <algorithm>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"

namespace heed {

Sequences::Sequences(std::string_view operation, const SequenceOrder& order, std::int64_t batch, std::int64_t steps)
    : reverse_(order.reverse), batch_(batch), steps_(steps) {
  if (order.lengths.empty()) return;
  check_lengths(operation, order.lengths, batch, steps);
  if (std::ranges::min(order.lengths) < steps) lengths_ = order.lengths;
}

void Sequences::clear_padding(Tensor& values) const {
  if (lengths_.empty() || values.numel() == 0) return;
  const std::int64_t width = values.numel() / (batch_ * steps_);
  dispatch_float("clear_padding", values.dtype(), [&]<class T> {
    T* to = values.mutable_data<T>();
    for (std::int64_t b = 0; b < batch_; ++b)
      std::fill(to + (b * steps_ + length(b)) * width, to + (b + 1) * steps_ * width, T{0});
  });
}

Tensor Sequences::states_before(const Tensor& states, const Tensor& initial) const {
  const std::int64_t hidden = states.size(2);
  Tensor before = empty({batch_ * steps_, hidden}, states.dtype(), "states_before");
  dispatch_float("states_before", states.dtype(), [&]<class T> {
    const T *from = states.data<T>(), *first = initial.data<T>();
    T* to = before.mutable_data<T>();
    parallel_chunks(batch_ * steps_, 1 + 16384 / (hidden + 1), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const std::int64_t b = row / steps_, t = row % steps_, earlier = row_before(b, t);
        if (t >= length(b))  // its gate gradients are 0, but 0·inf is not
          std::fill_n(to + row * hidden, hidden, T{0});
        else
          std::copy_n(earlier < 0 ? first + b * hidden : from + earlier * hidden, hidden, to + row * hidden);
      }
    });
  });
  return before;
}

std::vector<Variable> loop_over_time(
    std::string_view operation, const Variable& gates, std::vector<Variable> states, const SequenceOrder& order,
    const std::function<std::vector<Variable>(const Variable& gates, const std::vector<Variable>& states)>& step) {
  check_defined(operation, "input_gates", gates.value());
  const std::int64_t batch = gates.size(0), steps = gates.size(1);
  const Sequences sequences(operation, order, batch, steps);
  std::vector<Variable> outputs(static_cast<std::size_t>(steps));
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t t = sequences.time(i);
    Tensor real = zeros({batch, 1}, DType::boolean);
    for (std::int64_t b = 0; b < batch; ++b) real.mutable_data<bool>()[b] = t < sequences.length(b);
    // Whatever stands in the padding, or in a state that is not read there, must not meet a gradient of 0.
    std::vector<Variable> seen;
    for (const Variable& state : states) seen.push_back(where(real, state, 0));
    std::vector<Variable> next = step(where(real, select(gates, 1, t), 0), seen);
    for (std::size_t s = 0; s < states.size(); ++s) states[s] = where(real, next[s], states[s]);
    outputs[static_cast<std::size_t>(t)] = where(real, next[0], 0);
  }
  Variable all = outputs.empty() ? Variable(zeros({batch, 0, states[0].size(1)}, gates.dtype())) : stack(outputs, 1);
  states.insert(states.begin(), std::move(all));
  return states;
}

}  // namespace heed
