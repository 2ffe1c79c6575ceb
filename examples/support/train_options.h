// The flags of every program that trains a model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "examples/support/checkpoint_files.h"
#include "examples/support/flags.h"
#include "examples/support/run_options.h"
#include "examples/support/training_log.h"

namespace heed::examples {

struct TrainOptions : RunOptions {
  std::string data;  ///< empty: what the program makes up
  std::string out, progress = "auto";
  std::string program;  ///< its name
  CheckpointFlags checkpoints;
  LogFlags log;
  std::int64_t steps = 0, epochs = 0;  ///< 0: as the program says; at most one of them is given
  std::int64_t batch = 0;
  double learning_rate = 0;  ///< 0: as the program says

  /// What --steps or --epochs, of so many `batches`, ask for; else `otherwise`.
  std::int64_t steps_for(std::int64_t batches, std::int64_t otherwise) const {
    return steps > 0 ? steps : epochs > 0 ? epochs * batches : otherwise;
  }

  std::filesystem::path in_out(const char* name) const { return std::filesystem::path(out) / name; }
  std::filesystem::path model() const { return in_out("model.safetensors"); }
};

/// What the descriptions of the flags call things.
struct TrainWords {
  std::string data, files;  ///< "text to learn from", "model.safetensors and loss.svg"
  std::string steps;        ///< the default: "2000"
  std::string batch;        ///< "texts read side by side"
  std::string quick = "a shorter training";
  std::string rate = {};  ///< the default, where it is not that of `options`: "0.005 dates, 0.002 pairs"
};

/// Adds a flag for each member; the defaults of out and batch are what `options` has.
void add_train_options(Flags& flags, TrainOptions& options, const TrainWords& words);

/// FormatError for flags that the command line cannot mean: names that are empty, two lengths of a training.
void check_train_options(const Flags& flags);

/// What a training that goes on from a checkpoint cannot change, besides what the program adds.
void require_settings(nn::Checkpoint& run, const TrainOptions& options);

}  // namespace heed::examples
