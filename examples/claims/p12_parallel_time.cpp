// P-12: a recurrent network has to go through time step by step; attention and convolutions take all times at once, and
// two threads make them faster.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/graph.h"
#include "examples/claims/timing.h"
#include "examples/support/program.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/conv1d.h"
#include "heed/nn/rnn/rnn.h"

namespace heed::examples {
namespace {

constexpr std::int64_t length = 256;

struct Networks {
  Networks(std::int64_t width, Generator& generator)
      : attention({.embed = width, .heads = 4}, generator),
        convolution({.in = width, .out = width, .kernel = 3, .padding = nn::Conv1dPaddingRule::same}, generator),
        rnn({.cell = {.input = width, .hidden = width}}, generator) {}

  // x [1, length, width] -> a number
  Variable attend(const Variable& x) const { return sum(attention.forward({.query = x}).y); }
  Variable convolve(const Variable& x) const { return sum(convolution.forward(mT(x))); }
  Variable recur(const Variable& x) const { return sum(rnn.forward({.x = x}).output); }
  // Cell by cell, where recur() has the loop as one operation.
  Variable recur_step_by_step(const Variable& x) const {
    const nn::RnnCell& cell = rnn.cells[0];
    nn::RnnCell::State h = cell.initial_state(1);
    for (const Variable& at : unstack(x, 1)) h = cell.forward(at, h);
    return sum(h);
  }

  nn::MultiHeadAttention attention;
  nn::Conv1d convolution;
  nn::Rnn rnn;
};

ClaimResult run(const ClaimSettings& settings) {
  const std::int64_t width = settings.quick ? 64 : 256;
  Generator generator = settings.generator(0);
  const Networks networks(width, generator);
  const Variable x(normal(generator, {1, length, width}), true);
  const std::vector<std::function<void()>> passes{[&] { backward(networks.attend(x)); },
                                                  [&] { backward(networks.convolve(x)); },
                                                  [&] { backward(networks.recur(x)); }};
  // One round of each, and again: a machine that is busy for a while is so for both counts of threads.
  std::vector<double> one(passes.size(), INFINITY), two(passes.size(), INFINITY);
  for (int round = 0; round < (settings.quick ? 1 : 10); ++round)
    for (const auto& [threads, least] : {std::pair(1, &one), std::pair(2, &two)}) {
      const ThreadCount count(threads);
      const std::vector<PassTimes> times = time_passes(passes, settings.quick ? 2 : 5, now);
      for (std::size_t i = 0; i < passes.size(); ++i) (*least)[i] = std::min((*least)[i], times[i].least);
    }

  ClaimResult result;
  nn::LineChart chart{.title = "A training pass over 256 positions", .x_title = "threads", .y_title = "times as fast"};
  const std::vector<const char*> names{"attention", "convolution", "recurrent network"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double speed_up = one[i] / two[i];
    result.notes.push_back(
        fmt::format("{}: {:.3f} ms on one thread, {:.3f} ms on two", names[i], 1e3 * one[i], 1e3 * two[i]));
    chart.series.push_back({names[i], {{1, 1}, {2, speed_up}}});
    Criterion faster{.measured = fmt::format("{}: time on one thread over that on two", names[i]),
                     .value = speed_up,
                     .is_time = true};
    (i < 2 ? faster.low : faster.high) = i < 2 ? 1.5 : 1.2;
    result.criteria.push_back(faster);
  }
  const auto steps = [&](const char* name, const Variable& y, const char* operation, double expected) {
    result.criteria.push_back(exactly(fmt::format("{}: steps over {} positions that wait for each other", name, length),
                                      static_cast<double>(longest_chain(y, operation)), expected));
  };
  steps(names[0], networks.attend(x), "scaled_dot_product_attention", 1);
  steps(names[1], networks.convolve(x), "conv1d", 1);
  steps(names[2], networks.recur_step_by_step(x), "rnn", length);
  result.chart = std::move(chart);
  return result;
}

}  // namespace

Claim parallel_time() {
  return {"P-12", "Attention and convolutions compute all positions at once, a recurrent network one after the other",
          "Vaswani et al. 2017, table 1", run};
}

}  // namespace heed::examples
