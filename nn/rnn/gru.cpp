#include "heed/nn/rnn/gru.h"

#include "heed/autograd/ops/matmul.h"
#include "heed/tensor/create.h"

namespace heed::nn {
GruCell::GruCell(const Config& c, const ParameterSource& source)
    : CellParameters(name, 3, {c.input, c.hidden, c.bias, c.dtype}, source), config(c) {}

GruCell::State GruCell::initial_state(std::int64_t batch) const {
  return Variable(zeros({batch, config.hidden}, config.dtype));
}

Variable GruCell::gates(const Variable& x) const { return linear(x, weight_ih, bias_ih); }

GruCell::State GruCell::step(const Variable& gates, const State& h) const {
  return sequence(unsqueeze(gates, 1), h, {}).final_state;
}

Unrolled<GruCell::State> GruCell::sequence(const Variable& gates, const State& h, const SequenceOrder& order) const {
  const auto [output, final_state] = gru(gates, h, weight_hh, bias_hh, config.reset, order);
  return {output, final_state};
}

}  // namespace heed::nn
