#include "heed/nn/rnn/gru.h"

#include <fmt/format.h>

#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/rnn/unroll.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

const GruCell::Config& checked(const GruCell::Config& c) {
  check_sizes("gru", {{"input", c.input}, {"hidden", c.hidden}});
  return c;
}

Parameter bias_of(const GruCell::Config& c, Generator& generator) {
  return c.bias ? Parameter(fan_in_uniform(generator, {3 * c.hidden}, c.hidden, c.dtype)) : Parameter();
}

}  // namespace

GruCell::GruCell(const Config& c, Generator& generator)
    : weight_ih(fan_in_uniform(generator, {3 * checked(c).hidden, c.input}, c.hidden, c.dtype)),
      weight_hh(fan_in_uniform(generator, {3 * c.hidden, c.hidden}, c.hidden, c.dtype)),
      bias_ih(bias_of(c, generator)),
      bias_hh(bias_of(c, generator)),
      config(c) {}

Variable GruCell::gates(const Variable& x) const { return linear(x, weight_ih, bias_ih); }

GruCell::State GruCell::step(const Variable& gates, const State& h) const {
  return gru_step(gates, h, weight_hh, bias_hh, config.reset);
}

GruCell::State GruCell::keep(const Tensor& alive, const State& fresh, const State& old) {
  return where(alive, fresh, old);
}

Gru::Gru(const Config& c, Generator& generator) : config(c) {
  check_sizes("gru", {{"input", c.input}, {"hidden", c.hidden}, {"layers", c.layers}});
  const std::int64_t directions = c.bidirectional ? 2 : 1;
  for (std::int64_t layer = 0; layer < c.layers; ++layer)
    for (std::int64_t direction = 0; direction < directions; ++direction)
      cells.emplace_back(GruCell::Config{.input = layer == 0 ? c.input : directions * c.hidden,
                                         .hidden = c.hidden,
                                         .bias = c.bias,
                                         .reset = c.reset,
                                         .dtype = c.dtype},
                         generator);
}

GruOutput Gru::forward(const GruInput& input) const {
  check_defined("gru", "x", input.x.value());
  if (input.x.rank() != 3 || input.x.size(2) != config.input)
    throw ShapeError(fmt::format("gru: x is {}, expected [B, T, {}]", input.x.shape().str(), config.input));
  const std::int64_t batch = input.x.size(0), cell_count = static_cast<std::int64_t>(cells.size());
  if (!input.lengths.empty()) check_lengths("gru", input.lengths, batch, input.x.size(1));
  const Shape state_shape{cell_count, batch, config.hidden};
  if (input.initial.defined() && !(input.initial.shape() == state_shape))
    throw ShapeError(
        fmt::format("gru: initial state is {}, expected {}", input.initial.shape().str(), state_shape.str()));

  const std::size_t directions = config.bidirectional ? 2 : 1;
  std::vector<Variable> last;
  Variable x = mask_padding(input.x, input.lengths);
  for (std::size_t layer = 0; layer < cells.size(); layer += directions) {
    std::vector<Variable> sides;
    for (std::size_t i = layer; i < layer + directions; ++i) {
      const Variable initial = input.initial.defined() ? select(input.initial, 0, static_cast<std::int64_t>(i))
                                                       : Variable(zeros({batch, config.hidden}, config.dtype));
      auto side = unroll(cells[i], x, input.lengths, initial, i != layer);
      sides.push_back(std::move(side.output));
      last.push_back(std::move(side.last));
    }
    x = sides.size() == 1 ? sides[0] : concat(sides, -1);  // [B, T, directions·H]
  }
  return {x, stack(last, 0)};
}

}  // namespace heed::nn
