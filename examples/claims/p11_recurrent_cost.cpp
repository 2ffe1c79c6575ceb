// P-11: a recurrent network's cost grows in proportion to the length, and each token costs the same.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/graph.h"
#include "examples/claims/timing.h"
#include "examples/claims/training.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/nn/rnn/lstm.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 64;

Variable read(const nn::Lstm& lstm, const Tensor& x) { return sum(lstm.forward({.x = x}).output); }

// Seconds of 10 tokens read one by one, the first of them at t = 6 and at t = 996 (the middle at 10 and at 1000): the
// least of several texts.
std::pair<double, double> token_seconds(const nn::LstmCell& cell, const Tensor& x, int texts) {
  const NoGrad no_gradients;
  double early = INFINITY, late = INFINITY;
  for (int i = 0; i < texts; ++i) {
    nn::LstmCell::State state = cell.initial_state(1);
    double start = 0;
    for (std::int64_t t = 1; t <= 1005; ++t) {
      if (t == 6 || t == 996) start = processor_seconds();
      state = cell.forward(x, state);
      if (t == 15) early = std::min(early, processor_seconds() - start);
    }
    late = std::min(late, processor_seconds() - start);
  }
  return {early, late};
}

ClaimResult run(const ClaimSettings& settings) {
  const ThreadCount one_thread(1);
  Generator generator = settings.generator(0);
  const nn::Lstm lstm({.cell = {.input = width, .hidden = width}}, generator);
  const std::vector<std::int64_t> lengths{128, 256, 512, 1024, 2048};
  std::vector<Tensor> inputs;
  std::vector<std::function<void()>> passes;  // forward and backward
  for (const std::int64_t n : lengths) {
    inputs.push_back(normal(generator, {1, n, width}));
    passes.push_back([&lstm, x = inputs.back()] { backward(read(lstm, x)); });
  }
  // The least of many: what else the machine does makes a pass slower, a long one more often than a short one, in
  // wall-clock time by the time slices of others.
  const std::vector<PassTimes> times = time_passes(passes, settings.quick ? 5 : 101, processor_seconds);

  ClaimResult result;
  nn::Series line{"LSTM, forward and backward", {}};
  std::vector<double> log_length, log_seconds, bytes;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto n = static_cast<double>(lengths[i]);
    const double seconds = times[i].least;
    bytes.push_back(graph_bytes([&] { return read(lstm, inputs[i]); }));
    log_length.push_back(std::log(n));
    log_seconds.push_back(std::log(seconds));
    line.points.push_back({std::log2(n), std::log2(1e3 * seconds)});
    result.notes.push_back(fmt::format("n = {:4}: {:7.3f} ms, {:.2f} us and {:.0f} bytes a token", lengths[i],
                                       1e3 * seconds, 1e6 * seconds / n, bytes.back() / n));
  }
  result.notes.push_back("measured on one thread, whatever --threads says");
  const auto [early, late] = token_seconds(lstm.cells[0], select(inputs[0], 1, 0), settings.quick ? 20 : 500);
  const double first_rate = (bytes[1] - bytes[0]) / static_cast<double>(lengths[1] - lengths[0]),
               last_rate = (bytes[4] - bytes[3]) / static_cast<double>(lengths[4] - lengths[3]);
  result.criteria = {{.measured = "LSTM, processor time over length n = 128 to 2048: exponent",
                      .value = slope(log_length, log_seconds),
                      .low = 0.9,
                      .high = 1.15,
                      .is_time = true},
                     {.measured = "LSTM, processor time of a token at t = 1000 over one at t = 10",
                      .value = late / early,
                      .low = 0.9,
                      .high = 1.1,
                      .is_time = true},
                     between("LSTM, bytes kept for the backward pass: one more token at n = 2048 over one at n = 256",
                             last_rate / first_rate, 0.999, 1.001)};
  result.chart = {.title = "Processor time of an LSTM over the length of its input",
                  .x_title = "log2 of the tokens",
                  .y_title = "log2 of the milliseconds",
                  .series = {std::move(line)}};
  return result;
}

}  // namespace

Claim recurrent_cost() {
  return {"P-11", "The cost of a recurrent network is linear in the length, and each token costs the same",
          "common knowledge; Vaswani et al. 2017, table 1", run};
}

}  // namespace heed::examples
