// P-08: attention weights are none below 0 and add up to 1, so what comes out lies between the values that go in.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "examples/claims/all_claims.h"
#include "examples/claims/extremes.h"
#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/attend.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"

namespace heed::examples {
namespace {

constexpr std::int64_t batch = 20, queries = 10, width = 8;

// Rows of weights: queries of all sharpnesses, sources of all lengths, some of their keys hidden from each query.
struct Rows {
  Variable query, key, value;
  Tensor mask;
};

Rows draw(Generator& generator) {
  const std::int64_t sources = 1 + generator.uniform_int(32);
  const double sharpness = std::exp2(generator.uniform() * 12 - 6);
  Tensor mask = less(uniform(generator, {batch, queries, sources}), 0.7);
  bool* const seen = mask.mutable_data<bool>();
  for (std::int64_t row = 0; row < batch * queries; ++row) seen[row * sources + generator.uniform_int(sources)] = true;
  return {Variable(normal(generator, {batch, queries, width}, 0, sharpness)),
          Variable(normal(generator, {batch, sources, width})),
          Variable(normal(generator, {batch, sources, width}, generator.normal(), 3)), mask};
}

// How far properties of outputs are missed at worst, relative to the largest value, and how often.
struct Outputs {
  double outside = 0;  // beyond the range of the values
  double mixed = 0;    // off Σ weight·value
  double rows = 0, rows_outside = 0;
};

// weights [B, T, S] and context [B, T, width], of the rows' values.
void check_outputs(const Rows& rows, const Tensor& weights, const Tensor& context, Outputs& found) {
  const std::int64_t sources = rows.key.size(1);
  const Tensor w = weights.contiguous(), y = context.contiguous();
  for (std::int64_t i = 0; i < batch * queries; ++i) {
    const bool* const seen = rows.mask.data<bool>() + i * sources;
    const float* const values = rows.value.value().data<float>() + i / queries * sources * width;
    double outside = 0;
    for (std::int64_t d = 0; d < width; ++d) {
      double low = INFINITY, high = -INFINITY, largest = 0, mixed = 0;
      for (std::int64_t s = 0; s < sources; ++s) {
        if (!seen[s]) continue;
        const double v = values[s * width + d];
        low = std::min(low, v);
        high = std::max(high, v);
        largest = std::max(largest, std::abs(v));
        mixed += static_cast<double>(w.data<float>()[i * sources + s]) * v;
      }
      const double c = y.data<float>()[i * width + d];
      outside = larger(outside, larger((low - c) / largest, (c - high) / largest));
      found.mixed = larger(found.mixed, std::abs(c - mixed) / largest);
    }
    found.outside = larger(found.outside, outside);
    found.rows_outside += outside > 1e-6;
    ++found.rows;
  }
}

// The same of weights.
struct Weights {
  double lowest = INFINITY;
  double hidden = 0;      // the largest of a key that may not be attended to
  double sum = 0;         // off 1
  double ratio = 0;       // ln(a/b) of the two largest off the difference of their scores
  double not_raised = 0;  // rows whose largest weight does not grow with twice the scores
};

// scores, weights, and those of twice the scores: [B, T, S].
void check_weights(const Rows& rows, const Tensor& scores, const Tensor& weights, const Tensor& doubled,
                   Weights& found) {
  const std::int64_t sources = rows.key.size(1);
  const Tensor e = to(scores, DType::f64), w = to(weights, DType::f64), twice = to(doubled, DType::f64);
  for (std::int64_t i = 0; i < batch * queries; ++i) {
    const auto row = [&](const Tensor& x) { return x.data<double>() + i * sources; };
    double sum = 0, best_doubled = 0;
    std::int64_t best = -1, second = -1;
    for (std::int64_t s = 0; s < sources; ++s) {
      sum += row(w)[s];
      found.lowest = smaller(found.lowest, row(w)[s]);
      best_doubled = std::max(best_doubled, row(twice)[s]);
      if (!rows.mask.data<bool>()[i * sources + s]) {
        found.hidden = larger(found.hidden, std::abs(row(w)[s]));
      } else if (best < 0 || row(w)[s] > row(w)[best]) {
        second = std::exchange(best, s);
      } else if (second < 0 || row(w)[s] > row(w)[second]) {
        second = s;
      }
    }
    found.sum = larger(found.sum, std::abs(sum - 1));
    // What is as good as 0 has lost its digits, and what is as good as 1 cannot be raised.
    if (second < 0 || row(w)[second] < 1e-6) continue;
    const double difference = row(e)[best] - row(e)[second];
    found.ratio = larger(found.ratio, std::abs(std::log(row(w)[best] / row(w)[second]) - difference));
    found.not_raised += difference > 1e-3 && best_doubled <= row(w)[best];
  }
}

// One output of values 1 to 4 as the scores are multiplied by 2^x: from their mean to the value of the best key.
nn::LineChart picture() {
  const std::vector<double> scores{0.2, -1.1, 0.9, 1.4};
  nn::LineChart chart{.title = "What comes out of values 1 to 4, as the scores grow",
                      .x_title = "log2 of what scores are multiplied by",
                      .y_title = "value"};
  nn::Series output{"output", {}};
  for (double x = -6; x <= 6; x += 0.125) {
    const Tensor e = tensor(scores, {1, 1, 4}) * std::exp2(x);
    const Tensor values = tensor({1, 2, 3, 4}, {1, 4, 1}, DType::f64);
    output.points.push_back({x, nn::attend(Variable(e), {}, Variable(values)).context.item()});
  }
  chart.series.push_back(std::move(output));
  for (int value = 1; value <= 4; ++value) {
    const double y = value;
    chart.series.push_back({fmt::format("value {}", value), {{-6, y}, {6, y}}});
  }
  return chart;
}

ClaimResult run(const ClaimSettings& settings) {
  const NoGrad no_gradients;
  Generator generator = settings.generator(0);
  Weights weights;
  Outputs softmax, fused, unnormalised;
  for (int i = 0; i < 50; ++i) {
    const Rows rows = draw(generator);
    const Tensor scores = nn::ScaledDotScore::forward(rows.query, rows.key).value();
    const nn::AttentionOutput found = nn::attend(Variable(scores), rows.mask, rows.value);
    const Tensor doubled = nn::attend(Variable(scores * 2), rows.mask, rows.value).weights.value();
    check_weights(rows, scores, found.weights.value(), doubled, weights);
    check_outputs(rows, found.weights.value(), found.context.value(), softmax);
    const auto head = [](const Variable& x) { return unsqueeze(x, 1); };
    const Variable y = scaled_dot_product_attention(head(rows.query), head(rows.key), head(rows.value),
                                                    {.mask = unsqueeze(rows.mask, 1)});
    check_outputs(rows, found.weights.value(), squeeze(y.value(), 1), fused);
    const Tensor raw = where(rows.mask, scores, 0.0);
    check_outputs(rows, raw, matmul(raw, rows.value.value()), unnormalised);
  }
  return {{exactly("rows of weights", softmax.rows, 10000), at_least("the lowest weight", weights.lowest, 0),
           exactly("the largest weight of a key that may not be attended to", weights.hidden, 0),
           at_most("a row's sum off 1", weights.sum, 1e-6),
           at_most("an output beyond the range of its values, over the largest of them", softmax.outside, 1e-6),
           at_most("the same of the fused attention", fused.outside, 1e-6),
           at_most("an output off the sum of weight times value, over the largest value", softmax.mixed, 1e-6),
           at_most("the same of the fused attention, whose sums have another order", fused.mixed, 1e-5),
           at_most("ln(a/b) of the two largest weights off the difference of their scores", weights.ratio, 1e-3),
           exactly("rows whose largest weight does not grow with twice the scores", weights.not_raised, 0),
           at_least("scores as weights, without softmax: share of outputs outside the range",
                    unnormalised.rows_outside / unnormalised.rows, 0.5)},
          {},
          {},
          {},
          picture()};
}

}  // namespace

Claim interpolation() {
  return {"P-08", "Attention weights add up to 1, and the output is an interpolation of the values",
          "Bahdanau et al. 2015; Vaswani et al. 2017", run};
}

}  // namespace heed::examples
