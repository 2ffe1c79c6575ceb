// examples/timeseries as its users run it.
#include <cmath>
#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "examples/support/forecast_model.h"
#include "heed/tensor/io/safetensors.h"

using namespace heed::test;

namespace {

const std::string small = " --progress off --hidden 6 --batch 4 --length 16 --steps 20";

std::string in_work(const TemporaryFolder& folder, const std::string& name) {
  return read_bytes(folder.path() / "work" / name);
}

Outcome timeseries(const TemporaryFolder& folder, const std::string& arguments) {
  return run(folder, arguments, "", "timeseries");
}

double metric(const TemporaryFolder& folder, const std::string& name) {
  return nlohmann::json::parse(in_work(folder, "r.json"))["metrics"][name];
}

// A season of 5 that grows, in the second of three columns.
std::string table() {
  std::string text = "month,\"sold, in thousands\",note\r\n";
  for (int i = 0; i < 60; ++i)
    text += std::to_string(i) + "," + std::to_string((10 + i) * (1 + i * 3 % 5)) + ".5,\"a, b\"\r\n";
  return text;
}

}  // namespace

TEST_CASE("timeseries --quick beats the forecast that is a season old, whatever the seed", "[programs]") {
  const TemporaryFolder folder;
  for (const int seed : {1, 2, 3}) {
    const Outcome outcome = timeseries(folder, "--quick --progress off --json r.json --seed " + std::to_string(seed));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.err.empty());
    CHECK(metric(folder, "rmse_one_step") < 0.9 * metric(folder, "rmse_seasonal_naive"));
    CHECK(metric(folder, "rmse_horizon") < metric(folder, "rmse_horizon_seasonal_naive"));
  }
}

TEST_CASE("timeseries learns a column of a table and goes on from its end", "[programs]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work");
  folder.write("work/sales.csv", table());
  const std::string column = " --column 'sold, in thousands'";
  const Outcome trained = timeseries(folder, "--data sales.csv --season 5 --out o --json r.json" + column + small);
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK(contains(trained.out, "sold, in thousands: 60 values, 42 to learn from, 6 to choose by, 12 to measure"));
  CHECK(contains(trained.out, "sales.csv: read and kept 60 rows of 3 columns"));
  // The naive forecasts, by hand: rows 48 … 59 against the one before and the one five before.
  double last = 0, season = 0;
  const auto value = [](int i) { return (10 + i) * (1 + i * 3 % 5) + 0.5; };
  for (int i = 48; i < 60; ++i) {
    last += std::pow(value(i) - value(i - 1), 2) / 12;
    season += std::pow(value(i) - value(i - 5), 2) / 12;
  }
  CHECK(metric(folder, "rmse_last_value") == Approx(std::sqrt(last)));
  CHECK(metric(folder, "rmse_seasonal_naive") == Approx(std::sqrt(season)));
  CHECK(metric(folder, "rmse_horizon_seasonal_naive") == Approx(std::sqrt(season)));  // blocks of a season or less
  for (const char* picture : {"o/forecast.svg", "o/loss.svg"}) CHECK(contains(in_work(folder, picture), "</svg>"));

  const Outcome more = timeseries(folder, "--forecast 4 --data sales.csv --out o" + column);
  CHECK(more.status == 0);
  CHECK(lines(more.out) == 4);
  const auto model = heed::examples::load_forecaster(folder.path() / "work/o/model.safetensors");
  std::vector<double> series;
  for (int i = 0; i < 60; ++i) series.push_back(value(i));
  CHECK(std::stod(more.out) == Approx(model.forecast(series, 1)[0]).epsilon(1e-5));
}

TEST_CASE("timeseries: flags and files that cannot be used", "[programs]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work" / "own");
  folder.write("work/sales.csv", table());
  folder.write("work/short.csv", "1\n2\n3\n");
  folder.write("work/gap.csv", "a,b\n1,2\n3,\n");
  folder.write("work/own/forecast.svg", "mine");
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(timeseries(folder, arguments), 2, expected, "timeseries");
  };
  check("--data nowhere.csv", "nowhere.csv");
  check("--data sales.csv --column price", "price");
  check("--data sales.csv", "sales.csv:2:");  // the last column is text
  check("--data gap.csv", "gap.csv:3:");
  check("--data short.csv", "short.csv: 3 values, expected at least 47 for --season 12");
  check("--out own --steps 3", "own/forecast.svg");
  check("--season 0", "--season 0: expected a whole number from 1");
  check("--forecast 3", "--forecast takes --data");
  check("--forecast 3 --data sales.csv --steps 3", "--steps has no use beside --forecast");
  check("--column x", "--column has no use without --data");
  check("--forecast 3 --data sales.csv --out none", "none/model.safetensors");
  CHECK(in_work(folder, "own/forecast.svg") == "mine");
}

TEST_CASE("timeseries: a model file whose scale is not positive is refused", "[programs]") {
  const TemporaryFolder folder;
  heed::Generator generator(1);
  heed::models::Forecaster model({.season = 2, .hidden = 3}, generator);
  const auto file = folder.path() / "model.safetensors";
  heed::examples::save_forecaster(file, model);
  heed::TensorFile changed = heed::read_safetensors(file);
  *changed.tensors.at("scale").mutable_data<double>() = 0;
  write_safetensors(file, changed);
  CHECK(contains(message_of<heed::FormatError>([&] { heed::examples::load_forecaster(file); }), "its scale is 0"));
}
