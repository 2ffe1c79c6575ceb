// The command line of examples/timeseries.cpp.
#pragma once

#include <optional>

#include "examples/support/train_options.h"

namespace heed::examples {

struct TimeseriesOptions : TrainOptions {
  std::string column;        ///< empty: the last one
  std::int64_t season = 12;  ///< steps
  std::int64_t horizon = 0;  ///< steps that are forecast at once; 0: a season, at most 24
  std::int64_t hidden = 32, layers = 1;
  std::int64_t length = 96;   ///< steps of a training window
  std::int64_t forecast = 0;  ///< so many steps behind the end of --data with the saved model; 0: train
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<TimeseriesOptions> parse_timeseries_options(int argc, char** argv);

}  // namespace heed::examples
