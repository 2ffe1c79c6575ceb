// P-04: the gradient that a recurrent network sends k steps back vanishes or explodes with k; that of an LSTM whose
// forget gate is open does not vanish, and attention reaches every position alike.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/attend.h"
#include "heed/nn/init.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/optim/sgd.h"
#include "heed/nn/rnn/lstm.h"
#include "heed/nn/rnn/rnn.h"
#include "heed/tensor/create.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 16, distance = 60;

// Every sequence `width` times, so that one traversal gives a whole Jacobian: copy i has dy_i = 1.
Tensor copies(const Tensor& x) {  // [S, width] -> [S·width, width]
  return reshape(expand(unsqueeze(x, 1), {x.size(0), width, width}), {-1, width});
}

Tensor unit_gradients(std::int64_t sequences) {
  Tensor eye = zeros({width, width}, DType::f64);
  for (std::int64_t i = 0; i < width; ++i) eye.mutable_data<double>()[i * width + i] = 1;
  return reshape(expand(unsqueeze(eye, 0), {sequences, width, width}), {-1, width});
}

// ln |dy/dx_(T-k)| for k = 1 … distance: Frobenius norms, quadratic means over the sequences; x_0 … x_(T-1) are given.
nn::Series log_norms(std::string name, const Variable& y, const std::vector<Variable>& x) {
  const std::int64_t sequences = y.size(0) / width;
  const std::vector<Tensor> gradient = gradients(y, x, unit_gradients(sequences));
  nn::Series series{std::move(name), {}};
  for (std::size_t k = 1; k <= x.size(); ++k)
    series.points.push_back({static_cast<double>(k),
                             std::log(norm(gradient[x.size() - k])) - 0.5 * std::log(static_cast<double>(sequences))});
  return series;
}

// x_0 … x_T as the cell's states after inputs from N(0, scale²).
template <class Cell>
nn::Series recurrent_norms(std::string name, const Cell& cell, double scale, Generator& generator) {
  typename Cell::State state = cell.initial_state(width);
  std::vector<Variable> h;
  for (std::int64_t t = 0; t <= distance; ++t) {
    state = cell.forward(copies(normal(generator, {1, width}, 0, scale, DType::f64)), state);
    h.push_back(Cell::output(state));
  }
  const Variable last = h.back();
  h.pop_back();
  return log_norms(std::move(name), last, h);
}

// An Elman network whose recurrent weight is radius·D·Q·D⁻¹, Q orthogonal and D diagonal: all its eigenvalues have the
// absolute value `radius`, but norms grow with the powers in the long run only. Biases are 0.
nn::RnnCell elman(double radius, Generator& generator) {
  const auto rule = [radius](const nn::ParameterSpec& spec, Generator& draws) {
    if (spec.kind == nn::ParameterKind::bias) return zeros(spec.shape, spec.dtype);
    if (spec.kind == nn::ParameterKind::weight) return Tensor();
    const Tensor q = nn::orthogonal(draws, {width, width}, 1, spec.dtype);
    const Tensor d = uniform(draws, {width, 1}, 0.5, 2, spec.dtype);
    return d * q / mT(d) * radius;
  };
  return nn::RnnCell({.input = width, .hidden = width, .dtype = DType::f64}, nn::ParameterSource(generator).with(rule));
}

// So small that after 60 steps of growth by 1.5 tanh still is a straight line: states stay below 0.01.
constexpr double linear_regime = 1e-13;

nn::LstmCell lstm(double forget_bias, Generator& generator) {
  return nn::LstmCell({.input = width, .hidden = width, .forget_bias = forget_bias, .dtype = DType::f64}, generator);
}

// Scaled dot-product attention of the last position over all of them, projections as torch.nn.Linear starts.
nn::Series attention_norms(std::int64_t sequences, Generator& generator) {
  const nn::Linear::Config projection{.in = width, .out = width, .dtype = DType::f64};
  const nn::Linear query(projection, generator), key(projection, generator);
  std::vector<Variable> x;
  for (std::int64_t t = 0; t <= distance; ++t)
    x.emplace_back(copies(normal(generator, {sequences, width}, 0, 1, DType::f64)), true);
  const Variable all = stack(x, 1);  // [B, T, width]
  const Variable scores = matmul(query.forward(slice(all, 1, -1, to_end)), mT(key.forward(all))) / std::sqrt(width);
  const Variable y = select(nn::attend(scores, {}, all).context, 1, 0);
  x.pop_back();
  return log_norms("attention", y, x);
}

double slope_of(const nn::Series& series) {
  std::vector<double> k, log_norm;
  for (const nn::Point& point : series.points) {
    k.push_back(point.x);
    log_norm.push_back(point.y);
  }
  return slope(k, log_norm);
}

// The largest norm over the smallest.
double spread_of(const nn::Series& series) {
  double low = INFINITY, high = -INFINITY;
  for (const nn::Point& point : series.points) {
    low = std::min(low, point.y);
    high = std::max(high, point.y);
  }
  return std::exp(high - low);
}

struct Clipping {
  double gradient;  // norm of the gradient of all parameters
  double update;    // how far a step of SGD with learning rate 0.1 moved them after clipping to norm 1
};

Clipping clipped_step(const nn::RnnCell& cell, Generator& generator) {
  nn::RnnCell::State h = cell.initial_state(1);
  for (std::int64_t t = 0; t < distance; ++t)
    h = cell.forward(normal(generator, {1, width}, 0, linear_regime, DType::f64), h);
  backward(sum(h));
  const std::vector<Variable> parameters = nn::parameters(cell);
  std::vector<Tensor> before;
  for (const Variable& parameter : parameters) before.push_back(parameter.value().clone());
  const double gradient = nn::clip_grad_norm(parameters, 1);
  nn::Sgd(parameters, {.learning_rate = 0.1}).step();
  double squares = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double moved = norm(parameters[i].value() - before[i]);
    squares += moved * moved;
  }
  return {gradient, std::sqrt(squares)};
}

ClaimResult run(const ClaimSettings& settings) {
  constexpr std::int64_t sequences = 64;  // of attention
  ClaimResult result;
  nn::LineChart chart{.title = "Gradient over distance", .x_title = "distance k", .y_title = "ln |dh(T)/dh(T-k)|"};
  for (const double radius : {0.5, 1.0, 1.5}) {
    Generator generator = settings.generator(0);
    const nn::RnnCell cell = elman(radius, generator);
    nn::Series series =
        recurrent_norms(fmt::format("Elman, spectral radius {}", radius), cell, linear_regime, generator);
    const double expected = std::log(radius);
    // Ten percent of ln 1 = 0 allow nothing: 0.01 a step is a factor of 1.8 over 60 steps.
    const double tolerance = radius == 1 ? 0.01 : 0.1 * std::abs(expected);
    result.criteria.push_back(between(fmt::format("{}: slope of ln |dh(T)/dh(T-k)| over k", series.name),
                                      slope_of(series), expected - tolerance, expected + tolerance));
    chart.series.push_back(std::move(series));
    if (radius < 1.5) continue;
    const Clipping step = clipped_step(cell, generator);
    result.criteria.push_back(at_least("the same network: norm of the gradient before clipping", step.gradient, 1e6));
    result.criteria.push_back(
        at_most("clipped to norm 1: length of an SGD step with learning rate 0.1", step.update, 0.1 * (1 + 1e-9)));
  }
  Generator generator = settings.generator(1);
  nn::Series open = recurrent_norms("LSTM, forget gate open (f = 1)", lstm(30, generator), 1, generator);
  result.criteria.push_back(at_least(fmt::format("{}: slope", open.name), slope_of(open), -0.02));
  chart.series.push_back(std::move(open));
  for (const double bias : {0.0, 1.0}) {
    nn::Series series = recurrent_norms(fmt::format("LSTM, forget bias {}", bias), lstm(bias, generator), 1, generator);
    result.notes.push_back(fmt::format("{}: slope {:.4f}", series.name, slope_of(series)));
    chart.series.push_back(std::move(series));
  }
  // In one sequence the norms differ by a factor of 2 to 12, by what stands at each position. That is no trend in k,
  // and a mean over sequences takes it away.
  nn::Series attention = attention_norms(sequences, generator);
  const std::string mean_norm = fmt::format("attention, mean of {} sequences: ", sequences);
  result.criteria.push_back(
      at_most(mean_norm + "the largest |dy(T)/dx(T-k)| of all k over the smallest", spread_of(attention), 3));
  result.criteria.push_back(
      between(mean_norm + "slope of ln |dy(T)/dx(T-k)| over k", slope_of(attention), -0.005, 0.005));
  for (int i = 1; i <= 3; ++i) {
    const nn::Series one = attention_norms(1, generator);
    result.notes.push_back(
        fmt::format("attention, sequence {} alone: the largest over the smallest {:.2f}, slope {:.4f}", i,
                    spread_of(one), slope_of(one)));
  }
  chart.series.push_back(std::move(attention));
  result.chart = std::move(chart);
  return result;
}

}  // namespace

Claim gradient_over_distance() {
  return {"P-04", "The gradient of a recurrent network vanishes or explodes with distance, that of attention does not",
          "Bengio, Simard and Frasconi 1994; Pascanu et al. 2013", run};
}

}  // namespace heed::examples
