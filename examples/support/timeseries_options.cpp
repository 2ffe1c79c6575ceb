#include "examples/support/timeseries_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "examples/support/flags.h"
#include "examples/support/program.h"
#include "heed/tensor/error.h"

namespace heed::examples {

std::optional<TimeseriesOptions> parse_timeseries_options(int argc, char** argv) {
  TimeseriesOptions o;
  o.out = "out-timeseries";
  o.batch = 16;
  o.learning_rate = 3e-3;
  Flags flags("timeseries",
              "Trains an LSTM to forecast a series of numbers, and compares it with forecasts that need no training.\n"
              "Without --data it learns a seasonal series that it makes up.");
  add_train_options(flags, o,
                    {.data = "table of comma-separated values (default: a made-up series)",
                     .files = "model.safetensors, forecast.svg and loss.svg",
                     .steps = "1500",
                     .batch = "windows per step"});
  flags.add_text("--column", o.column, "NAME", "name of the column to forecast (default: the last one)");
  flags.add_number("--season", o.season, 1, 100'000, "steps after which the series resembles itself; 1 is none");
  flags.add_number("--horizon", o.horizon, 1, 10'000,
                   "steps that are forecast at once (default: a season, at most 24)");
  flags.add_number("--hidden", o.hidden, 1, 1024, "state size");
  flags.add_number("--layers", o.layers, 1, 8, "layers");
  flags.add_number("--length", o.length, 1, 10'000, "steps of a window that is learned from");
  flags.add_number("--forecast", o.forecast, 1, 1'000'000,
                   "print so many values behind the end of --data with the saved model, and train nothing");
  if (!flags.parse(argc, argv)) return std::nullopt;
  flags.allow_only_beside("--forecast", {"--data", "--column", "--out", "--threads", "--reproducible"});
  if (o.forecast > 0 && o.data.empty()) throw FormatError("--forecast takes --data: what to go on from");
  if (flags.given("--column") && o.data.empty()) throw FormatError("--column has no use without --data");
  check_train_options(flags);
  if (o.horizon == 0) o.horizon = std::clamp<std::int64_t>(o.season, 1, 24);
  return o;
}

}  // namespace heed::examples
