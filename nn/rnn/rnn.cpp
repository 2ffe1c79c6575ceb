#include "heed/nn/rnn/rnn.h"

#include "heed/autograd/ops/matmul.h"
#include "heed/nn/internal/cell_parameters.h"
#include "heed/tensor/create.h"

namespace heed::nn {

RnnCell::RnnCell(const Config& c, const ParameterSource& source)
    : weight_ih(input_weight(name, 1, c, source)),
      weight_hh(recurrent_weight(1, c, source)),
      bias_ih(cell_bias(1, c, source)),
      bias_hh(cell_bias(1, c, source)),
      config(c) {}

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
