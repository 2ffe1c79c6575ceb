// P-14: attention does n²·D work and a recurrent network n·D²: which of the two is the less follows from whether the
// text is longer than the vectors are wide.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "examples/claims/all_claims.h"
#include "examples/claims/graph.h"
#include "examples/claims/timing.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/rnn.h"
#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/rnn/rnn.h"

namespace heed::examples {
namespace {

constexpr std::int64_t batch = 8;  // of what is timed

// Attention of n positions to each other by themselves, without projections: [B, n, D].
Variable attend(const Variable& x) {
  const Variable head = unsqueeze(x, 1);
  return scaled_dot_product_attention(head, head, head);
}

// What one sequence of n vectors costs, by its graph in primitive operations.
struct Flops {
  double attention, layer, elman;
};

Flops count_flops(std::int64_t n, std::int64_t width, Generator& generator) {
  const Variable x(normal(generator, {1, n, width}), true), head = unsqueeze(x, 1);
  const nn::RnnCell cell({.input = width, .hidden = width}, generator);
  const nn::MultiHeadAttention attention({.embed = width, .heads = 1}, generator);
  const double between = product_flops(scaled_dot_product_attention_definition(head, head, head, no_bias));
  // The layer's own graph has its projections, and its attention as one operation.
  return {between, product_flops(attention.forward({.query = x}).y) + between,
          product_flops(rnn_definition(cell.gates(x), cell.initial_state(1), cell.weight_hh)[0])};
}

struct Times {
  std::vector<double> attention, elman;  // of a forward and a backward pass, for each length
};

Times measure(const std::vector<std::int64_t>& lengths, std::int64_t width, int repeats, Generator& generator) {
  const nn::Rnn rnn({.cell = {.input = width, .hidden = width}}, generator);
  std::vector<std::function<void()>> passes;
  for (const std::int64_t n : lengths) {
    const Variable x(normal(generator, {batch, n, width}), true);
    passes.emplace_back([x] { backward(sum(attend(x))); });
    passes.emplace_back([x, &rnn] { backward(sum(rnn.forward({.x = x}).output)); });
  }
  const std::vector<PassTimes> found = time_passes(passes, repeats, processor_seconds);
  Times times;
  for (std::size_t i = 0; i < found.size(); i += 2) {
    times.attention.push_back(found[i].median);
    times.elman.push_back(found[i + 1].median);
  }
  return times;
}

// Where attention begins to take longer, on a straight line between the logarithms of two lengths; NaN where it does
// not.
double crossing(const std::vector<std::int64_t>& lengths, const Times& times) {
  const auto log_ratio = [&](std::size_t i) { return std::log(times.attention[i] / times.elman[i]); };
  for (std::size_t i = lengths.size() - 1; i > 0; --i) {
    if (log_ratio(i - 1) > 0 || log_ratio(i) <= 0) continue;
    const double part = -log_ratio(i - 1) / (log_ratio(i) - log_ratio(i - 1));
    return static_cast<double>(lengths[i - 1]) *
           std::pow(static_cast<double>(lengths[i]) / static_cast<double>(lengths[i - 1]), part);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

ClaimResult run(const ClaimSettings& settings) {
  const ThreadCount one_thread(1);
  Generator generator = settings.generator(0);
  ClaimResult result;
  for (const std::int64_t width :
       settings.quick ? std::vector<std::int64_t>{64} : std::vector<std::int64_t>{128, 256}) {
    std::vector<std::int64_t> lengths;
    for (std::int64_t n = width / 8; n <= 2 * width; n *= 2) lengths.push_back(n);
    const Times times = measure(lengths, width, settings.quick ? 2 : 9, generator);
    nn::Series attention{"attention", {}}, layer{"attention with its projections", {}}, elman{"Elman network", {}};
    std::vector<double> ratios, layer_ratios;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const Flops flops = count_flops(lengths[i], width, generator);
      ratios.push_back(flops.attention / flops.elman);
      layer_ratios.push_back(flops.layer / flops.elman);
      const double x = std::log2(static_cast<double>(lengths[i]));
      attention.points.push_back({x, std::log2(flops.attention)});
      layer.points.push_back({x, std::log2(flops.layer)});
      elman.points.push_back({x, std::log2(flops.elman)});
      result.notes.push_back(fmt::format(
          "D = {}, n = {:4}: Mflops {:7.2f} attention, {:7.2f} with its projections, {:6.2f} Elman network; ms a batch "
          "{:8.3f} and {:8.3f}, ratio {:.2f}",
          width, lengths[i], 1e-6 * flops.attention, 1e-6 * flops.layer, 1e-6 * flops.elman, 1e3 * times.attention[i],
          1e3 * times.elman[i], times.attention[i] / times.elman[i]));
    }
    const std::string of_width = fmt::format("D = {}: ", width);
    for (const auto& [i, n] : {std::pair(2, "D/2"), std::pair(3, "D"), std::pair(4, "2D")})
      result.criteria.push_back(
          exactly(fmt::format("{}flops of attention over those of an Elman network, n = {}", of_width, n),
                  ratios[static_cast<std::size_t>(i)], std::exp2(i - 3)));
    result.criteria.push_back(exactly(of_width + "with its projections, the least of all lengths, n = D/8",
                                      std::ranges::min(layer_ratios), 2.125));
    if (!settings.quick)  // at its small width what a call costs is more than the work
      result.criteria.push_back(
          {.measured = of_width + "the length at which both take as long, forward and backward, over D",
           .value = crossing(lengths, times) / static_cast<double>(width),
           .low = 1.0 / 3,
           .high = 3,
           .is_time = true});
    result.chart = {.title = fmt::format("Work of a sequence of vectors of {}", width),
                    .x_title = "log2 of the positions",
                    .y_title = "log2 of the flops",
                    .series = {std::move(attention), std::move(layer), std::move(elman)}};
  }
  result.notes.push_back(fmt::format("timed on one thread, whatever --threads says, in batches of {}", batch));
  return result;
}

}  // namespace

Claim crossover() {
  return {"P-14", "Attention does less work than a recurrent network where texts are shorter than vectors are wide",
          "Vaswani et al. 2017, table 1", run};
}

}  // namespace heed::examples
