#include "examples/support/timeseries_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "examples/support/flags.h"
#include "examples/support/program.h"

namespace heed::examples {

std::optional<TimeseriesOptions> parse_timeseries_options(int argc, char** argv) {
  TimeseriesOptions o;
  o.out = "out-timeseries";
  o.batch = 16;
  o.learning_rate = 3e-3;
  CLI::App app{
      "Trains an LSTM to forecast a series of numbers, and compares it with forecasts that need no training.\n"
      "Without --data it learns a seasonal series that it makes up."};
  app.name("timeseries");
  const auto number = [&](const char* name, std::int64_t& value, std::int64_t high, const std::string& description) {
    add_number(app, name, value, std::int64_t{1}, high, description)->default_str(fmt::to_string(value));
  };
  add_train_options(app, o,
                    {.data = "table of comma-separated values (default: a made-up series)",
                     .files = "model.safetensors, forecast.svg and loss.svg",
                     .steps = "1500",
                     .rate = "0.003",
                     .batch = "windows per step"});
  app.add_option("--column", o.column, "name of the column to forecast (default: the last one)")->type_name("NAME");
  number("--season", o.season, 100'000, "steps after which the series resembles itself; 1 is none");
  add_number(app, "--horizon", o.horizon, std::int64_t{1}, std::int64_t{10'000},
             "steps that are forecast at once (default: a season, at most 24)");
  number("--hidden", o.hidden, 1024, "state size");
  number("--layers", o.layers, 8, "layers");
  number("--length", o.length, 10'000, "steps of a window that is learned from");
  add_number(app, "--forecast", o.forecast, std::int64_t{1}, std::int64_t{1'000'000},
             "print so many values behind the end of --data with the saved model, and train nothing");
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  allow_only_beside(app, "--forecast", {"--data", "--column", "--out", "--threads", "--reproducible"});
  if (o.forecast > 0 && o.data.empty()) throw FormatError("--forecast takes --data: what to go on from");
  if (app.count("--column") > 0 && o.data.empty()) throw FormatError("--column has no use without --data");
  check_train_options(app);
  if (o.horizon == 0) o.horizon = std::clamp<std::int64_t>(o.season, 1, 24);
  return o;
}

}  // namespace heed::examples
