#include "heed/nn/rnn/rnn.h"

#include "heed/autograd/ops/matmul.h"
#include "heed/tensor/create.h"

namespace heed::nn {

RnnCell::RnnCell(const Config& c, const ParameterSource& source)
    : CellParameters(name, 1, {c.input, c.hidden, c.bias, c.dtype}, source), config(c) {}

RnnCell::State RnnCell::initial_state(std::int64_t batch) const {
  return Variable(zeros({batch, config.hidden}, config.dtype));
}

Variable RnnCell::gates(const Variable& x) const {
  return linear(x, weight_ih, config.bias ? bias_ih + bias_hh : no_bias);
}

RnnCell::State RnnCell::step(const Variable& gates, const State& h) const {
  return sequence(unsqueeze(gates, 1), h, {}).final_state;
}

Unrolled<RnnCell::State> RnnCell::sequence(const Variable& gates, const State& h, const SequenceOrder& order) const {
  const auto [output, final_state] = rnn(gates, h, weight_hh, config.activation, order);
  return {output, final_state};
}

}  // namespace heed::nn
