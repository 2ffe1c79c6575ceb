#include "heed/models/forecaster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed::models {
namespace {

const ForecasterConfig& checked(const ForecasterConfig& c) {
  nn::check_sizes("forecaster", {{"season", c.season}, {"hidden", c.hidden}, {"layers", c.layers}});
  return c;
}

void check_length(const std::vector<double>& series, std::int64_t least) {
  if (std::ssize(series) < least)
    throw ShapeError(fmt::format("forecaster: a series of {} values, expected {} or more", series.size(), least));
}

void check_begin(const std::vector<double>& series, std::int64_t begin, std::int64_t season) {
  check_length(series, begin + 1);
  if (begin < season)
    throw ShapeError(
        fmt::format("forecaster: {} values before the first forecast, expected {} or more", begin, season));
}

}  // namespace

Forecaster::Forecaster(const Config& c, const nn::ParameterSource& source)
    : rnn_({.cell = {.input = 2, .hidden = checked(c).hidden, .dtype = c.dtype}, .layers = c.layers}, source),
      output_({.in = c.hidden, .out = 1, .dtype = c.dtype},
              source.with([](const nn::ParameterSpec& spec, Generator&) { return zeros(spec.shape, spec.dtype); })),
      mean_(zeros({}, DType::f64)),
      scale_(ones({}, DType::f64)),
      config_(c) {}

void Forecaster::fit_scale(const std::vector<double>& values) {
  check_length(values, 1);
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double x : values) sum += x / count;
  for (const double x : values) squares += (x - sum) * (x - sum) / count;
  if (!std::isfinite(sum) || !std::isfinite(squares))
    throw Error("forecaster: the values are too large to have a scale");
  fill(mean_, sum);
  fill(scale_, squares > 0 ? std::sqrt(squares) : 1);
}

Forecaster::Output Forecaster::forward(const Tensor& z, const State& state) const {
  const std::int64_t season = config_.season;
  if (z.rank() != 2 || z.size(1) < season)
    throw ShapeError(fmt::format("forecaster: series {}, expected [B, {} or more]", z.shape().str(), season));
  const std::int64_t steps = z.size(1) - season + 1;
  const Tensor last = slice(z, 1, season - 1, z.size(1)), season_ago = slice(z, 1, 0, steps);
  auto read = rnn_.forward({.x = Variable(stack({last, season_ago}, -1)), .initial_state = state});
  return {Variable(last) + squeeze(output_.forward(read.output), -1), std::move(read.final_state)};
}

Tensor Forecaster::standardised(const std::vector<double>& values) const {
  Tensor z = empty({1, std::ssize(values)}, DType::f64);
  for (std::size_t i = 0; i < values.size(); ++i) z.mutable_data<double>()[i] = standardised(values[i]);
  return to(z, config_.dtype);
}

std::vector<double> Forecaster::one_step_forecasts(const std::vector<double>& series, std::int64_t begin) const {
  const NoGrad no_gradients;
  check_begin(series, begin, config_.season);
  const std::vector<double> known(series.begin(), series.end() - 1);
  const Tensor z = to(forward(standardised(known)).forecasts.value(), DType::f64).contiguous();
  std::vector<double> result;
  for (std::int64_t t = begin - config_.season; t < z.size(1); ++t) result.push_back(original(z.data<double>()[t]));
  return result;
}

// Adds `steps` forecasts to the values, the last of which `read` has read.
void Forecaster::go_on(std::vector<double>& values, Output read, std::int64_t steps) const {
  for (std::int64_t step = 0; step < steps; ++step) {
    values.push_back(original(to(select(read.forecasts.value(), 1, -1), DType::f64).item()));
    if (step + 1 < steps) read = forward(standardised({values.end() - config_.season, values.end()}), read.final_state);
  }
}

std::vector<double> Forecaster::forecast(const std::vector<double>& series, std::int64_t steps) const {
  const NoGrad no_gradients;
  check_length(series, config_.season);
  std::vector<double> all = series;
  go_on(all, forward(standardised(series)), steps);
  return {all.end() - steps, all.end()};
}

std::vector<double> Forecaster::block_forecasts(const std::vector<double>& series, std::int64_t begin,
                                                std::int64_t horizon) const {
  const NoGrad no_gradients;
  check_begin(series, begin, config_.season);
  nn::check_sizes("forecaster", {{"horizon", horizon}});
  std::vector<double> result;
  Output read = forward(standardised({series.begin(), series.begin() + begin}));
  for (std::int64_t at = begin;;) {
    const std::int64_t steps = std::min(horizon, std::ssize(series) - at);
    std::vector<double> block(series.begin() + (at - config_.season), series.begin() + at);
    go_on(block, read, steps);
    result.insert(result.end(), block.end() - steps, block.end());
    at += steps;
    if (at == std::ssize(series)) return result;
    read = forward(standardised({series.begin() + (at - steps - config_.season + 1), series.begin() + at}),
                   read.final_state);
  }
}

}  // namespace heed::models
