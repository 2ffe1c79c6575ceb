#include "examples/support/training_log.h"

#include <fmt/format.h>

#include "examples/support/flags.h"

namespace heed::examples {

void add_log_flags(CLI::App& app, LogFlags& flags) {
  app.add_option("--log", flags.json_lines, "write losses to FILE as JSON lines")->type_name("FILE");
  app.add_option("--tensorboard", flags.tensorboard, "write curves for TensorBoard to DIR")->type_name("DIR");
  add_number(app, "--log-every", flags.every, std::int64_t{1}, std::int64_t{1'000'000'000}, "steps between records")
      ->default_str(fmt::to_string(flags.every));
}

TrainingLog::TrainingLog(const LogFlags& flags, const nn::JsonLines::Fields& run, std::int64_t step)
    : every_(flags.every) {
  if (!flags.json_lines.empty()) {
    lines_.emplace(flags.json_lines, step == 0 ? AppendFile::Open::fresh : AppendFile::Open::existing);
    lines_->header(run);
  }
  if (!flags.tensorboard.empty())
    events_.emplace(
        flags.tensorboard,
        nn::EventFile::Config{.resumed_at = step > 0 ? std::optional(step + 1) : std::nullopt, .clock = {}});
}

void TrainingLog::step(std::int64_t step, double loss, double learning_rate, double gradient_norm) {
  if (!lines_ && !events_) return;
  loss_.add_mean(loss, 1);
  if (step % every_ != 0) return;
  record(step, "train", {{"loss", loss_.mean()}, {"learning_rate", learning_rate}, {"gradient_norm", gradient_norm}});
  loss_ = {};
}

void TrainingLog::validation(std::int64_t step, double loss) { record(step, "valid", {{"loss", loss}}); }

void TrainingLog::record(std::int64_t step, const char* split, const nn::JsonLines::Metrics& metrics) {
  if (lines_) lines_->record({.step = step, .split = split}, metrics);
  if (events_)
    for (const auto& [name, value] : metrics) events_->scalar(fmt::format("{}/{}", name, split), value, step);
}

void TrainingLog::sync() {
  if (lines_) lines_->sync();
  if (events_) events_->sync();
}

}  // namespace heed::examples
