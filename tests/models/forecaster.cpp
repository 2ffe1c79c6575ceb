// The forecaster: what it reads, that its ways of forecasting agree, and what it starts from.
#include "heed/models/forecaster.h"

#include <cmath>

#include "heed/models/tasks/seasonal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using models::Forecaster;
using test::refused;

namespace {

// With an output layer that is not 0.
Forecaster make(std::int64_t season, std::int64_t layers = 1) {
  Generator generator(1);
  Forecaster model({.season = season, .hidden = 5, .layers = layers, .dtype = DType::f64}, generator);
  for (auto& [name, tensor] : nn::state_dict(model))
    if (name.starts_with("output")) copy_from(tensor, normal(generator, tensor.shape(), 0, 1, DType::f64));
  return model;
}

std::vector<double> a_series(std::int64_t count) {
  Generator generator(2);
  return models::make_seasonal_series({.season = 4}, count, generator);
}

std::vector<double> first(const std::vector<double>& all, std::int64_t count) {
  return {all.begin(), all.begin() + count};
}

}  // namespace

TEST_CASE("forecaster: before training the forecast is the last value", "[models]") {
  Generator generator(1);
  const Forecaster model({.season = 3, .hidden = 4}, generator);
  CHECK(model.forecast({1, 2, 5}, 3) == std::vector<double>{5, 5, 5});
  CHECK(model.one_step_forecasts({1, 2, 5, 7, 1}, 3) == std::vector<double>{5, 7});
}

TEST_CASE("forecaster: forecasts one by one, at once, and fed on are the same", "[models]") {
  const std::int64_t season = GENERATE(1, 4), layers = GENERATE(1, 2);
  Forecaster model = make(season, layers);
  const std::vector<double> series = a_series(20);
  model.fit_scale(first(series, 15));
  const std::vector<double> at_once = model.one_step_forecasts(series, 6);
  REQUIRE(at_once.size() == 14);
  for (std::int64_t t = 6; t < 20; ++t)
    CHECK(model.forecast(first(series, t), 1)[0] == Approx(at_once[to_size(t - 6)]).epsilon(1e-12));
  std::vector<double> fed = first(series, 9);
  const std::vector<double> ahead = model.forecast(fed, 7);
  for (const double value : ahead) {
    CHECK(model.forecast(fed, 1)[0] == Approx(value).epsilon(1e-12));
    fed.push_back(value);
  }
}

TEST_CASE("forecaster: a forecast reads the last value and the one a season before it, and no later one", "[models]") {
  const Forecaster model = make(4);
  Generator generator(3);
  const Tensor z = normal(generator, {1, 10}, 0, 1, DType::f64);  // forecasts of values 4 … 10
  const auto forecasts = [&](const Tensor& x) { return test::to_array(model.forward(x).forecasts.value()).numbers; };
  const std::vector<double> before = forecasts(z);
  REQUIRE(before.size() == 7);
  for (std::int64_t at = 0; at < 10; ++at) {
    Tensor other = z.clone();
    other.mutable_data<double>()[at] += 1;
    const std::vector<double> after = forecasts(other);
    for (std::int64_t t = 0; t < 7; ++t) {  // position t has read the values t … t + 3
      const bool same = before[to_size(t)] == after[to_size(t)];
      CAPTURE(at, t);
      if (at > t + 3) CHECK(same);               // not read yet
      if (at == t + 3 || at == t) CHECK(!same);  // the last value; the one a season before what is forecast
      if (t == 0 && (at == 1 || at == 2)) CHECK(same);
    }
  }
}

TEST_CASE("forecaster: mean and scale are those of the values, and are saved", "[models]") {
  Forecaster model = make(2);
  model.fit_scale({1, 3, 5, 7});
  CHECK(model.mean() == 4);
  CHECK(model.scale() == Approx(std::sqrt(5.0)));
  CHECK(model.original(model.standardised(9.5)) == Approx(9.5));
  Forecaster other(model.config(), nn::ParameterSource::zeros());
  nn::load_state_dict(other, nn::state_dict(model));
  CHECK(other.forecast({1, 2, 3}, 4) == model.forecast({1, 2, 3}, 4));
  model.fit_scale({2, 2});
  CHECK(model.scale() == 1);
}

TEST_CASE("forecaster: what does not fit is refused", "[models]") {
  Generator generator(1);
  CHECK(refused<ShapeError>([&] { Forecaster({.season = 0}, generator); }) ==
        "forecaster: season is 0, expected at least 1");
  Forecaster model = make(4);
  CHECK(refused<ShapeError>([&] { model.forward(zeros({2, 3}, DType::f64)); }) ==
        "forecaster: series [2, 3], expected [B, 4 or more]");
  CHECK(refused<ShapeError>([&] { model.forecast({1, 2, 3}, 1); }) ==
        "forecaster: a series of 3 values, expected 4 or more");
  CHECK(refused<ShapeError>([&] { model.one_step_forecasts(a_series(9), 3); }) ==
        "forecaster: 3 values before the first forecast, expected 4 or more");
  CHECK(refused<ShapeError>([&] { model.fit_scale({}); }) == "forecaster: a series of 0 values, expected 1 or more");
}

TEST_CASE("seasonal: the series of its formula", "[tasks]") {
  Generator generator(5), again(5);
  const auto series = models::make_seasonal_series({.season = 3, .noise = 0.5}, 4, generator);
  double pattern[3];
  for (double& p : pattern) p = again.normal();
  double a = 0, e = 0;
  for (std::size_t t = 0; t < 4; ++t) {
    a = 0.97 * a + 0.08 * again.normal();
    e = 0.8 * e + 0.5 * again.normal();
    CHECK(series[t] == (1 + a) * pattern[t % 3] + e);
  }
  CHECK(refused<ShapeError>([&] { models::make_seasonal_series({.season = 0}, 1, generator); }) ==
        "seasonal: 1 steps with a season of 0");
}
