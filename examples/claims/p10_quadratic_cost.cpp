// P-10: time and memory of attention grow with the square of the length, because every pair of positions has a score.
// Linear attention (N-02) has none; the fused one has them all, but keeps none.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/graph.h"
#include "examples/claims/timing.h"
#include "examples/claims/training.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/align/linear_attention.h"
#include "heed/nn/attention/attend.h"
#include "heed/nn/attention/score/scaled_dot.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 64;

struct Sequence {
  Variable query, key, value;  // [1, n, width]
};

Sequence sequence(std::int64_t n, Generator& generator) {
  const auto leaf = [&] { return Variable(normal(generator, {1, n, width}), true); };
  return {leaf(), leaf(), leaf()};
}

Variable with_table(const Sequence& s) {
  return nn::attend(nn::ScaledDotScore::forward(s.query, s.key), {}, s.value).context;
}
Variable fused(const Sequence& s) {
  const auto head = [](const Variable& x) { return unsqueeze(x, 1); };
  return scaled_dot_product_attention(head(s.query), head(s.key), head(s.value));
}
Variable linear(const Sequence& s) { return nn::linear_attention(s.query, s.key, s.value); }

struct Mechanism {
  const char* name;
  Variable (*attend)(const Sequence& s);
  std::vector<double> seconds = {}, bytes = {};  // by length; of a pass, and what is kept for backward
};

// What each pair of positions takes, whatever a position takes and whatever the rest does: bytes are a·n² + b·n + c at
// n, 2n and 4n, from lengths[i] on.
double pair_bytes(const Mechanism& mechanism, const std::vector<std::int64_t>& lengths, std::size_t i) {
  const auto n = static_cast<double>(lengths[i]);
  return (mechanism.bytes[i + 2] - 3 * mechanism.bytes[i + 1] + 2 * mechanism.bytes[i]) / (6 * n * n);
}

// Of the last three lengths.
double exponent(const std::vector<std::int64_t>& lengths, const std::vector<double>& seconds) {
  std::vector<double> x, y;
  for (std::size_t i = lengths.size() - 3; i < lengths.size(); ++i) {
    x.push_back(std::log(static_cast<double>(lengths[i])));
    y.push_back(std::log(seconds[i]));
  }
  return slope(x, y);
}

void measure(std::vector<Mechanism>& mechanisms, const std::vector<Sequence>& sequences, int repeats) {
  std::vector<std::function<void()>> passes;
  for (const Mechanism& mechanism : mechanisms)
    for (const Sequence& s : sequences) passes.emplace_back([&] { backward(sum(mechanism.attend(s))); });
  const std::vector<PassTimes> times = time_passes(passes, repeats, processor_seconds);
  for (std::size_t m = 0; m < mechanisms.size(); ++m)
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      mechanisms[m].seconds.push_back(times[m * sequences.size() + i].median);
      mechanisms[m].bytes.push_back(graph_bytes([&] { return mechanisms[m].attend(sequences[i]); }));
    }
}

Criterion time_exponent(const std::string& name, double value, double low, double high) {
  return {.measured = name + ", processor time over the three longest: exponent",
          .value = value,
          .low = low,
          .high = high,
          .is_time = true};
}

ClaimResult run(const ClaimSettings& settings) {
  const ThreadCount one_thread(1);
  Generator generator = settings.generator(0);
  const std::vector<std::int64_t> lengths = settings.quick ? std::vector<std::int64_t>{64, 128, 256, 512}
                                                           : std::vector<std::int64_t>{128, 256, 512, 1024, 2048};
  std::vector<Sequence> sequences;
  for (const std::int64_t n : lengths) sequences.push_back(sequence(n, generator));
  std::vector<Mechanism> mechanisms{
      {"attention", with_table}, {"fused attention", fused}, {"linear attention", linear}};
  measure(mechanisms, sequences, settings.quick ? 3 : 15);

  ClaimResult result;
  nn::LineChart chart{.title = "Processor time of attention over the length of its input",
                      .x_title = "log2 of the positions",
                      .y_title = "log2 of the milliseconds"};
  for (const Mechanism& mechanism : mechanisms) {
    nn::Series line{mechanism.name, {}};
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const double milliseconds = 1e3 * mechanism.seconds[i];
      line.points.push_back({std::log2(static_cast<double>(lengths[i])), std::log2(milliseconds)});
      result.notes.push_back(fmt::format("{:16} n = {:4}: {:8.3f} ms, {:.2f} MB kept", mechanism.name, lengths[i],
                                         milliseconds, 1e-6 * mechanism.bytes[i]));
    }
    chart.series.push_back(std::move(line));
  }
  const double table_exponent = exponent(lengths, mechanisms[0].seconds);
  result.criteria = {time_exponent("attention", table_exponent, 1.6, 2.3),
                     time_exponent("linear attention", exponent(lengths, mechanisms[2].seconds), 0.8, 1.3)};
  for (const auto& [mechanism, expected] : {std::pair(0, 4.0), std::pair(1, 0.0), std::pair(2, 0.0)})
    for (const std::size_t i : {std::size_t{0}, lengths.size() - 3})
      result.criteria.push_back(
          exactly(fmt::format("{}: bytes kept for each pair of positions, {} to {} positions",
                              mechanisms[static_cast<std::size_t>(mechanism)].name, lengths[i], lengths[i + 2]),
                  pair_bytes(mechanisms[static_cast<std::size_t>(mechanism)], lengths, i), expected));
  result.notes.push_back(
      fmt::format("fused attention: exponent {:.2f}; measured on one thread, whatever --threads says",
                  exponent(lengths, mechanisms[1].seconds)));
  result.chart = std::move(chart);
  return result;
}

}  // namespace

Claim quadratic_cost() {
  return {"P-10", "Time and memory of attention grow with the square of the length",
          "Vaswani et al. 2017, table 1; Katharopoulos et al. 2020", run};
}

}  // namespace heed::examples
