#include "heed/nn/rnn/gru.h"

#include "heed/autograd/ops/matmul.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const GruCell::Config& checked(const GruCell::Config& c) {
  check_sizes(GruCell::name, {{"input", c.input}, {"hidden", c.hidden}});
  return c;
}

Parameter bias(const GruCell::Config& c, const ParameterSource& source) {
  return c.bias ? source.make({{3 * c.hidden}, ParameterKind::bias, c.dtype}, c.hidden) : Parameter();
}

}  // namespace

GruCell::GruCell(const Config& c, const ParameterSource& source)
    : weight_ih(source.make({{3 * checked(c).hidden, c.input}, ParameterKind::weight, c.dtype}, c.hidden)),
      weight_hh(source.make({{3 * c.hidden, c.hidden}, ParameterKind::recurrent, c.dtype}, c.hidden)),
      bias_ih(bias(c, source)),
      bias_hh(bias(c, source)),
      config(c) {}

GruCell::State GruCell::initial_state(std::int64_t batch) const {
  return Variable(zeros({batch, config.hidden}, config.dtype));
}

Variable GruCell::gates(const Variable& x) const { return linear(x, weight_ih, bias_ih); }

GruCell::State GruCell::step(const Variable& gates, const State& h) const {
  return gru_step(gates, h, weight_hh, bias_hh, config.reset);
}

}  // namespace heed::nn
