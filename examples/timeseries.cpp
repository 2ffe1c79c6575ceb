// timeseries: an LSTM (models/forecaster.h) learns to forecast a series of numbers, beside two forecasts that anybody
// can make: the last value, and the one of a season ago.
//
// Results go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "examples/support/fingerprint.h"
#include "examples/support/forecast_model.h"
#include "examples/support/json_report.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/timeseries_options.h"
#include "examples/support/training.h"
#include "examples/support/write_file.h"
#include "heed/autograd/ops/losses.h"
#include "heed/models/tasks/seasonal.h"
#include "heed/nn/data/csv.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;
using Values = std::vector<double>;

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, made_up_series, order_of_windows };

Generator stream(const TimeseriesOptions& options, Stream which) { return Generator(options.seed).split(which); }

struct Series {
  Values values;
  std::string name, summary;
};

std::int64_t column_of(const nn::CsvTable& table, const std::string& name) try {
  return name.empty() ? table.columns() - 1 : table.column(name);
} catch (const IndexError& error) {
  throw FormatError(fmt::format("--column {}: {}", name, error.what()));
}

Series read_series(const TimeseriesOptions& options) {
  if (options.data.empty()) {
    Generator generator = stream(options, made_up_series);
    return {models::make_seasonal_series({.season = options.season}, 1500, generator), "made-up series", ""};
  }
  const nn::CsvTable table = nn::read_csv(options.data);
  const std::int64_t column = column_of(table, options.column);
  const Tensor numbers = table.matrix({column}, DType::f64).contiguous();
  return {{numbers.data<double>(), numbers.data<double>() + numbers.numel()},
          table.names().empty() ? fmt::format("column {}", column + 1) : table.names()[to_size(column)],
          table.summary()};
}

// The last fifth is the test; of what is before it the last eighth chooses the model.
struct Parts {
  std::int64_t train, valid;  // where they end

  explicit Parts(std::int64_t count) : train(count * 7 / 10), valid(count * 8 / 10) {}
};

double root_mean_square_error(const Values& forecasts, const Values& series, std::int64_t begin) {
  double sum = 0;
  for (std::size_t i = 0; i < forecasts.size(); ++i) {
    const double error = forecasts[i] - series[to_size(begin) + i];
    sum += error * error;
  }
  return std::sqrt(sum / static_cast<double>(forecasts.size()));
}

Values until(const Values& series, std::int64_t end) { return {series.begin(), series.begin() + end}; }

// What was there `steps` before each value from `begin` on.
Values delayed(const Values& series, std::int64_t begin, std::int64_t steps) {
  return {series.begin() + (begin - steps), series.end() - steps};
}

// In blocks of `horizon` values, what was there a season before each; as many seasons before as are known at the
// beginning of its block.
Values seasonal_naive(const Values& series, std::int64_t begin, std::int64_t season, std::int64_t horizon) {
  Values all;
  for (std::int64_t at = begin; at < std::ssize(series); at += horizon)
    for (std::int64_t i = 0; i < std::min(horizon, std::ssize(series) - at); ++i)
      all.push_back(series[to_size(at + i - season * (i / season + 1))]);
  return all;
}

struct Scores {
  double one_step, persistence, seasonal_one_step, blocks, seasonal_blocks;
  Values forecasts, naive;  // in blocks
};

Scores score(const models::Forecaster& model, const Values& series, std::int64_t begin,
             const TimeseriesOptions& options) {
  Scores s;
  s.one_step = root_mean_square_error(model.one_step_forecasts(series, begin), series, begin);
  s.persistence = root_mean_square_error(delayed(series, begin, 1), series, begin);
  s.seasonal_one_step = root_mean_square_error(delayed(series, begin, options.season), series, begin);
  s.forecasts = model.block_forecasts(series, begin, options.horizon);
  s.naive = seasonal_naive(series, begin, options.season, options.horizon);
  s.blocks = root_mean_square_error(s.forecasts, series, begin);
  s.seasonal_blocks = root_mean_square_error(s.naive, series, begin);
  return s;
}

// Windows of the training part at random places: their inputs [B, season - 1 + length] and what follows each step.
struct Windows {
  Tensor inputs, targets;
};

Windows draw_windows(const Values& standardised, std::int64_t end, const TimeseriesOptions& options,
                     Generator& generator) {
  const std::int64_t width = options.season - 1 + std::min(options.length, end - options.season);
  Windows batch{empty({options.batch, width}), empty({options.batch, width - options.season + 1})};
  for (std::int64_t b = 0; b < options.batch; ++b) {
    const std::int64_t begin = generator.uniform_int(end - width);
    for (std::int64_t i = 0; i < width; ++i)
      batch.inputs.mutable_data<float>()[b * width + i] = static_cast<float>(standardised[to_size(begin + i)]);
    for (std::int64_t i = 0; i < batch.targets.size(1); ++i)
      batch.targets.mutable_data<float>()[b * batch.targets.size(1) + i] =
          static_cast<float>(standardised[to_size(begin + options.season + i)]);
  }
  return batch;
}

TrainingHistory train(models::Forecaster& model, const Values& series, const Parts& parts,
                      const TimeseriesOptions& options) {
  models::Forecaster best = model;
  Generator generator = stream(options, order_of_windows);
  Values standardised;
  for (const double x : series) standardised.push_back(model.standardised(x));
  Fingerprint fingerprint;
  fingerprint.add({reinterpret_cast<const char*>(series.data()), series.size() * sizeof(double)});
  nn::Checkpoint run;
  require_settings(run, options);
  run.require("hidden", fmt::to_string(options.hidden));
  run.require("layers", fmt::to_string(options.layers));
  run.require("season", fmt::to_string(options.season));
  run.require("length", fmt::to_string(options.length));
  run.require("data", fingerprint.text());
  run.add("model", model);
  run.add("best", best);
  run.add("windows", generator);
  const std::int64_t windows = (parts.train + options.length - 1) / options.length;
  const std::int64_t steps =
      options.steps_for((windows + options.batch - 1) / options.batch, options.quick ? 300 : 1500);
  const Values known = until(series, parts.valid);
  const TrainingHistory history =
      run_training({.parameters = nn::named_parameters(model),
                    .steps = steps,
                    .steps_per_validation = std::max<std::int64_t>(1, steps / 20),
                    .learning_rate = options.learning_rate,
                    .next_loss =
                        [&] {
                          const Windows batch = draw_windows(standardised, parts.train, options, generator);
                          return mse_loss(model.forward(batch.inputs).forecasts, Variable(batch.targets));
                        },
                    .validation_loss =
                        [&] {
                          const double error =
                              root_mean_square_error(model.one_step_forecasts(known, parts.train), known, parts.train) /
                              model.scale();
                          return error * error;
                        },
                    .better = [&](std::int64_t) { best = model; },
                    .checkpoint = run,
                    .options = &options});
  model = std::move(best);
  return history;
}

// The last blocks, up to 200 steps of them.
std::string forecast_picture(const Values& series, const Scores& scores, const std::string& name) {
  const std::size_t shown = std::min<std::size_t>(200, scores.forecasts.size());
  nn::LineChart chart{.title = "Forecasts of " + name, .x_title = "step", .y_title = name};
  const auto add = [&](const char* label, const Values& values) {
    nn::Series line{label, {}};
    for (std::size_t i = values.size() - shown; i < values.size(); ++i)
      line.points.push_back({static_cast<double>(series.size() - values.size() + i), values[i]});
    chart.series.push_back(std::move(line));
  };
  add("measured", series);
  add("LSTM", scores.forecasts);
  add("a season ago", scores.naive);
  return nn::line_chart_svg(chart);
}

void check_length(const Series& series, const TimeseriesOptions& options) {
  const auto count = std::ssize(series.values);
  const std::int64_t least = std::max<std::int64_t>(20, 2 * options.season + 2) * 10 / 7 + 10;
  if (count < least)
    throw FormatError(fmt::format("{}: {} values, expected at least {} for --season {}",
                                  options.data.empty() ? "the series" : options.data, count, least, options.season));
}

void train_and_show(const TimeseriesOptions& options) {
  const double start = now();
  const Series series = read_series(options);
  check_length(series, options);
  check_output_files(options, {.pictures = {"forecast.svg", "loss.svg"}, .check_model = check_replaceable_forecaster});
  const Parts parts(std::ssize(series.values));
  Generator generator = stream(options, initial_weights);
  models::Forecaster model({.season = options.season, .hidden = options.hidden, .layers = options.layers}, generator);
  model.fit_scale(until(series.values, parts.train));
  std::cout << fmt::format(
      "{}: {} values, {} to learn from, {} to choose by, {} to measure; {} parameters, {} threads, "
      "seed {}{}\n",
      nn::printable(series.name), series.values.size(), parts.train, parts.valid - parts.train,
      std::ssize(series.values) - parts.valid, nn::parameter_count(model), threads(), options.seed,
      reproducible() ? ", reproducible with " + simd_description() : "");
  if (!series.summary.empty()) std::cout << nn::printable(series.summary) << '\n';
  std::cout.flush();
  const TrainingHistory history = train(model, series.values, parts, options);
  const Scores s = score(model, series.values, parts.valid, options);
  std::cout << fmt::format(
      "root mean square error        LSTM   last value   a season ago\n"
      "  one step                {:8.4g}     {:8.4g}       {:8.4g}\n"
      "  {:<4} steps at once      {:8.4g}                    {:8.4g}\n"
      "{:.1f} s\n",
      s.one_step, s.persistence, s.seasonal_one_step, options.horizon, s.blocks, s.seasonal_blocks, history.seconds);
  save_forecaster(behind_links(options.model()), model);
  write_file(options.in_out("forecast.svg"), forecast_picture(series.values, s, series.name));
  write_file(options.in_out("loss.svg"), nn::line_chart_svg({.title = "Squared error of one step, in variances",
                                                             .series = {history.train, history.valid}}));
  std::cout << fmt::format("\nwrote {0}, {1}/forecast.svg, {1}/loss.svg\n", options.model().string(), options.out)
            << std::flush;
  if (options.json.empty()) return;
  write_json_report(options.json, {.program = "timeseries",
                                   .seed = options.seed,
                                   .seconds = now() - start,
                                   .metrics = {{"rmse_one_step", s.one_step},
                                               {"rmse_last_value", s.persistence},
                                               {"rmse_seasonal_naive", s.seasonal_one_step},
                                               {"rmse_horizon", s.blocks},
                                               {"rmse_horizon_seasonal_naive", s.seasonal_blocks},
                                               {"valid_loss", history.best_loss},
                                               {"train_seconds", history.seconds}}});
}

void forecast_only(const TimeseriesOptions& options) {
  const models::Forecaster model = load_forecaster(options.model());
  const Series series = read_series(options);
  if (std::ssize(series.values) < model.config().season)
    throw FormatError(fmt::format("{}: {} values, expected a season of the model's or more: {}", options.data,
                                  series.values.size(), model.config().season));
  for (const double value : model.forecast(series.values, options.forecast))
    std::cout << fmt::format("{:.6g}\n", value);
}

void run(int argc, char** argv) {
  const std::optional<TimeseriesOptions> options = parse_timeseries_options(argc, argv);
  if (options) {
    run_with(*options, "--hidden, --batch or --length",
             [&] { options->forecast > 0 ? forecast_only(*options) : train_and_show(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("timeseries", heed::examples::run, argc, argv); }
