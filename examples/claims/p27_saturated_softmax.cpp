// P-27: the products of wide vectors saturate a softmax: its weights are those of one key, and the gradient of its
// scores vanishes. What S-02 shows of the weights and of what is learned, this shows of the gradient.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "examples/claims/all_claims.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/measures.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::array<std::int64_t, 4> widths{8, 64, 512, 2048};
constexpr std::int64_t keys = 10, rows = 1000;

struct Saturation {
  double entropy;   // mean, in nats
  double gradient;  // the median length of a row's gradient
};

// Of N(0, I) queries and keys of this width, for a loss that is linear in the weights.
template <class Score>
Saturation saturation(std::int64_t width, const ClaimSettings& settings) {
  Generator generator = settings.generator(static_cast<std::uint64_t>(width));
  const Variable query(normal(generator, {rows, 1, width}, 0, 1, DType::f64)),
      key(normal(generator, {rows, keys, width}, 0, 1, DType::f64)),
      cotangent(normal(generator, {rows, 1, keys}, 0, 1, DType::f64));
  const Variable scores(Score::forward(query, Score::project_keys(key)).value(), true);
  const Variable weights = softmax(scores);
  const Tensor gradient = gradients(sum(weights * cotangent), {scores})[0].contiguous();
  const Tensor lengths = sqrt(sum(gradient * gradient, Axes{-1})).contiguous();
  std::vector<double> sorted(lengths.data<double>(), lengths.data<double>() + rows);
  std::ranges::nth_element(sorted, sorted.begin() + rows / 2);
  return {mean(nn::weight_entropy(weights.value())).item(), sorted[static_cast<std::size_t>(rows / 2)]};
}

ClaimResult run(const ClaimSettings& settings) {
  ClaimResult result;
  result.chart = nn::LineChart{.title = "The gradient of the scores of 10 keys",
                               .x_title = "width, log2",
                               .y_title = "median length, log10",
                               .series = {{"q·k", {}}, {"q·k/√width", {}}}};
  std::vector<Saturation> plain, scaled;
  for (const std::int64_t width : widths) {
    plain.push_back(saturation<nn::DotScore>(width, settings));
    scaled.push_back(saturation<nn::ScaledDotScore>(width, settings));
    const double x = std::log2(static_cast<double>(width));
    result.chart->series[0].points.push_back({x, std::log10(plain.back().gradient)});
    result.chart->series[1].points.push_back({x, std::log10(scaled.back().gradient)});
    result.notes.push_back(
        fmt::format("width {:>4}: entropy {:.3f}, scaled {:.3f} of {:.3f} nats; gradient {:.2e}, "
                    "{:.2e}",
                    width, plain.back().entropy, scaled.back().entropy, std::log(static_cast<double>(keys)),
                    plain.back().gradient, scaled.back().gradient));
  }
  // Entropies as in S-02: 0.11 and 1.91 nats, within 0.05.
  result.criteria = {between("width 512, mean entropy of the weights in nats: q·k", plain[2].entropy, 0.06, 0.16),
                     between("the same: q·k/√width", scaled[2].entropy, 1.86, 1.96),
                     at_most("median gradient of the scores, width 512 over width 8: q·k",
                             plain[2].gradient / plain[0].gradient, 0.01),
                     between("the same: q·k/√width", scaled[2].gradient / scaled[0].gradient, 0.8, 1.25)};
  return result;
}

}  // namespace

Claim saturated_softmax() {
  return {"P-27", "Products of wide vectors saturate the softmax, and its gradient vanishes", "Vaswani et al. 2017",
          run};
}

}  // namespace heed::examples
