#include "examples/support/training_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "examples/support/flags.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/file.h"

namespace heed::examples {

void add_log_flags(Flags& flags, LogFlags& o) {
  flags.add_text("--log", o.json_lines, "FILE", "write losses to FILE as JSON lines");
  flags.add_text("--tensorboard", o.tensorboard, "DIR", "write curves for TensorBoard to DIR");
  flags.add_number("--log-every", o.every, 1, 1'000'000'000, "steps between records");
}

namespace {

namespace fs = std::filesystem;

// The first line of a log says what its run is; another program's file is not written into.
void check_log(const std::string& path) {
  std::error_code unknown;
  if (!fs::is_regular_file(path, unknown) || fs::file_size(path, unknown) == 0) return;
  InputFile file(path);
  std::string beginning(std::min<std::uint64_t>(file.size(), 65536), '\0');
  file.read(std::as_writable_bytes(std::span(beginning)));
  const std::string line = beginning.substr(0, beginning.find('\n'));
  if (!line.starts_with("{\"t\":") || line.find(",\"run\":{") == line.npos)
    throw FormatError(fmt::format("{}: would be written into, but is no log of a training", path));
}

void check_no_curves(const std::string& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().filename().string().starts_with("events.out.tfevents."))
      throw FormatError(fmt::format("{}: has the curves of another training", folder));
}

}  // namespace

TrainingLog::TrainingLog(const LogFlags& flags, const nn::JsonLines::Fields& run, bool is_new,
                         const nn::Series& history)
    : every_(flags.every) {
  if (!flags.json_lines.empty()) {
    if (!is_new) check_log(flags.json_lines);
    lines_.emplace(flags.json_lines, is_new ? AppendFile::Open::fresh : AppendFile::Open::existing);
    lines_->header(run);
  }
  const std::int64_t step = std::ssize(history.points);
  if (!flags.tensorboard.empty()) {
    if (is_new) check_no_curves(flags.tensorboard);
    events_.emplace(flags.tensorboard,
                    nn::EventFile::Config{.resumed_at = is_new ? std::nullopt : std::optional(step + 1), .clock = {}});
  }
  for (std::int64_t i = step - step % every_; i < step; ++i) loss_.add_mean(history.points[to_size(i)].y, 1);
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
