// P-05: how many operations a signal passes between two positions: as many as they are apart in a recurrent network, a
// k-th of that in stacked convolutions, the logarithm in dilated ones, one in self-attention. Counted in recorded
// graphs whose nodes are positions.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/graph.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/conv1d.h"
#include "heed/nn/rnn/rnn.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 4, length = 33;

using Positions = std::vector<Variable>;  // [1, width] each

Positions inputs(Generator& generator) {
  Positions x;
  for (std::int64_t t = 0; t < length; ++t) x.emplace_back(normal(generator, {1, width}), true);
  return x;
}

// Operations of this name that y has to pass before it is at x, which does not count.
std::int64_t hops(const Variable& y, const Variable& x, std::string_view operation) {
  std::vector<const Node*> path = shortest_path(y, x);
  if (!path.empty()) path.pop_back();
  return count_operations(path, operation);
}

// By distance from the last position: 0 and 1 to length - 1.
struct Hops {
  std::vector<std::int64_t> count = std::vector<std::int64_t>(length, 0);
  std::string drawing = {};  // of the path to the position 4 before
};

std::string drawn(const Variable& y, const Variable& x) {
  std::vector<std::string_view> names;
  for (const Node* node : shortest_path(y, x)) names.push_back(node->name());
  return fmt::format("{}", fmt::join(names, " <- "));
}

std::size_t back(std::int64_t distance) { return static_cast<std::size_t>(length - 1 - distance); }

// From state to state, as the cell is called position by position.
Hops recurrent(Generator& generator) {
  const nn::RnnCell cell({.input = width, .hidden = width}, generator);
  Positions states;
  for (const Variable& x : inputs(generator))
    states.push_back(cell.forward(x, states.empty() ? cell.initial_state(1) : states.back()));
  Hops found;
  for (std::int64_t d = 1; d < length; ++d)
    found.count[static_cast<std::size_t>(d)] = hops(states.back(), states[back(d)], "rnn");
  found.drawing = drawn(states.back(), states[back(4)]);
  return found;
}

// One causal layer, each of whose outputs is a convolution of the positions that it reads.
Positions convolve(const nn::Conv1d& layer, const Positions& x, std::int64_t dilation) {
  const std::int64_t taps = layer.weight.size(2);
  const Variable outside(zeros({1, width}));
  Positions y;
  for (std::int64_t t = 0; t < length; ++t) {
    Positions window;
    for (std::int64_t at = t - (taps - 1) * dilation; at <= t; at += dilation)
      window.push_back(at < 0 ? outside : x[static_cast<std::size_t>(at)]);
    y.push_back(tanh(select(layer.forward(stack(window, 2)), 2, 0)));
  }
  return y;
}

// Layer upon layer until the last output depends on every input: how many it took for each.
Hops convolutional(std::int64_t taps, bool dilated, Generator& generator) {
  const Positions x = inputs(generator);
  Hops found;
  Positions y = x;
  for (std::int64_t dilation = 1, layer = 0; layer < length && found.count.back() == 0;
       ++layer, dilation *= dilated ? taps : 1) {
    const nn::Conv1d convolution({.in = width, .out = width, .kernel = taps}, generator);
    y = convolve(convolution, y, dilation);
    for (std::int64_t d = 1; d < length; ++d) {
      std::int64_t& count = found.count[static_cast<std::size_t>(d)];
      if (count > 0 || shortest_path(y.back(), x[back(d)]).empty()) continue;
      count = hops(y.back(), x[back(d)], "conv1d");
      if (d == 4) found.drawing = drawn(y.back(), x[back(d)]);
    }
  }
  return found;
}

Hops attentive(Generator& generator) {
  const nn::MultiHeadAttention attention({.embed = width, .heads = 1}, generator);
  const Positions x = inputs(generator);
  const Variable y = select(attention.forward({.query = stack(x, 1)}).y, 1, -1);
  Hops found;
  for (std::int64_t d = 1; d < length; ++d)
    found.count[static_cast<std::size_t>(d)] = hops(y, x[back(d)], "scaled_dot_product_attention");
  found.drawing = drawn(y, x[back(4)]);
  return found;
}

// The gradient that the first input of n gets from the last output of a stack of causal convolutions over all positions
// at once.
double first_gradient(std::int64_t n, std::int64_t layers, std::int64_t taps, Generator& generator) {
  const Variable x(normal(generator, {1, width, n}), true);
  Variable y = x;
  for (std::int64_t i = 0; i < layers; ++i)
    y = tanh(
        nn::Conv1d({.in = width, .out = width, .kernel = taps, .padding = nn::Conv1dPaddingRule::causal}, generator)
            .forward(y));
  backward(sum(select(y, 2, -1)));
  return norm(select(x.grad(), 2, 0));
}

std::int64_t quotient_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

ClaimResult run(const ClaimSettings& settings) {
  struct Row {
    const char* name;
    Hops found;
    std::int64_t (*computed)(std::int64_t distance);
  };
  Generator generator = settings.generator(0);
  const auto logarithm_up = [](std::int64_t d) {
    std::int64_t layers = 0;
    for (std::int64_t reach = 1; reach <= d; reach *= 3) ++layers;
    return layers;
  };
  const std::vector<Row> rows{
      {"recurrent network", recurrent(generator), [](std::int64_t d) { return d; }},
      {"convolutions of 3 taps", convolutional(3, false, generator), [](std::int64_t d) { return quotient_up(d, 2); }},
      {"convolutions of 5 taps", convolutional(5, false, generator), [](std::int64_t d) { return quotient_up(d, 4); }},
      {"convolutions of 3 taps, dilated by 1, 3, 9, …", convolutional(3, true, generator), logarithm_up},
      {"self-attention", attentive(generator), [](std::int64_t) { return std::int64_t{1}; }}};
  ClaimResult result;
  nn::LineChart chart{.title = "From the last position back to one before",
                      .x_title = "distance",
                      .y_title = "operations on the shortest path"};
  for (const Row& row : rows) {
    double right = 0;
    nn::Series line{row.name, {}};
    for (std::int64_t d = 1; d < length; ++d) {
      const std::int64_t count = row.found.count[static_cast<std::size_t>(d)];
      right += count == row.computed(d);
      line.points.push_back({static_cast<double>(d), static_cast<double>(count)});
    }
    for (const std::int64_t distance : {4, 16, 32})
      result.criteria.push_back(exactly(fmt::format("{}: operations over a distance of {}", row.name, distance),
                                        line.points[static_cast<std::size_t>(distance - 1)].y,
                                        static_cast<double>(row.computed(distance))));
    result.criteria.push_back(
        exactly(fmt::format("{}: distances of 1 to 32 that take as many as computed", row.name), right, length - 1));
    result.notes.push_back(fmt::format("{}, to the position 4 before: {}", row.name, row.found.drawing));
    chart.series.push_back(std::move(line));
  }
  result.criteria.push_back(at_least("17 positions, 8 whole convolutions of 3 taps: gradient of the first input",
                                     first_gradient(17, 8, 3, generator), 1e-12));
  result.criteria.push_back(exactly("the same with 7", first_gradient(17, 7, 3, generator), 0));
  result.chart = std::move(chart);
  return result;
}

}  // namespace

Claim path_length() {
  return {"P-05",
          "The path between two positions is long in recurrent networks, shorter in convolutions, one step in "
          "self-attention",
          "Vaswani et al. 2017, table 1", run};
}

}  // namespace heed::examples
