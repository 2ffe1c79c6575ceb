// What a training writes down for other programs: JSON lines (--log) and event files for TensorBoard (--tensorboard).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "examples/support/flags.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/event_file.h"
#include "heed/nn/train/json_lines.h"
#include "heed/nn/train/loss_mean.h"

namespace heed::examples {

struct LogFlags {
  std::string json_lines, tensorboard;  ///< a file, a folder; empty: none
  std::int64_t every = 10;              ///< steps
};

/// Adds --log, --tensorboard and --log-every.
void add_log_flags(Flags& flags, LogFlags& o);

class TrainingLog {
 public:
  /// Opens what the flags name: new logs, which must not be there yet, or else those of the run that goes on, if there
  /// are any, behind the losses of its `history`. `run` says in the first line what the run is. FormatError where
  /// something else than a log is there, IoError.
  TrainingLog(const LogFlags& flags, const nn::JsonLines::Fields& run, bool is_new, const nn::Series& history);

  /// After a step: every so many of them a record, with the mean loss since the one before.
  void step(std::int64_t step, double loss, double learning_rate, double gradient_norm);

  /// After a validation.
  void validation(std::int64_t step, double loss);

  /// What has been written is on the disk when this returns.
  void sync();

 private:
  void record(std::int64_t step, const char* split, const nn::JsonLines::Metrics& metrics);

  std::int64_t every_;
  std::optional<nn::JsonLines> lines_;
  std::optional<nn::EventFile> events_;
  nn::LossMean loss_;
};

}  // namespace heed::examples
