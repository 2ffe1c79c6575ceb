#include "heed/nn/rnn/lstm.h"

#include "heed/autograd/ops/matmul.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {

LstmCell::LstmCell(const Config& c, const ParameterSource& source)
    : CellParameters(name, 4, {c.input, c.hidden, c.bias, c.dtype}, source), config(c) {
  if (c.forget_bias == 0) return;
  if (!c.bias) throw Error("lstm: a forget_bias needs a bias");
  if (!bias_ih.defined()) return;  // a source that only counts
  Tensor forget = slice(bias_ih.value(), 0, c.hidden, 2 * c.hidden);
  copy_from(forget, forget + scalar_like(forget, c.forget_bias));
}

LstmCell::State LstmCell::initial_state(std::int64_t batch) const {
  return {Variable(zeros({batch, config.hidden}, config.dtype)), Variable(zeros({batch, config.hidden}, config.dtype))};
}

Variable LstmCell::gates(const Variable& x) const {
  return linear(x, weight_ih, config.bias ? bias_ih + bias_hh : no_bias);
}

LstmCell::State LstmCell::step(const Variable& gates, const State& state) const {
  return sequence(unsqueeze(gates, 1), state, {}).final_state;
}

Unrolled<LstmCell::State> LstmCell::sequence(const Variable& gates, const State& state,
                                             const SequenceOrder& order) const {
  const auto [output, h, c] = lstm(gates, state.h, state.c, weight_hh, order);
  return {output, {h, c}};
}

}  // namespace heed::nn
