// The flags that the programs with a language model share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "examples/support/checkpoint_files.h"
#include "heed/nn/seq2seq/sampling.h"

namespace heed::examples {

struct LmOptions {
  std::string data;  ///< empty: what the program makes up
  CheckpointFlags checkpoints;
  std::string out, json, progress = "auto";
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all processors
  bool quick = false, reproducible = false;
  std::int64_t steps = 0;  ///< 0: as the program says
  std::int64_t batch = 0, embedding = 0, hidden = 256, layers = 1;
  double learning_rate = 4e-3, dropout = 0;

  std::int64_t generate = 0;  ///< so many from the saved model; 0: train
  std::string prompt;
  nn::SamplingConfig sampling;

  std::filesystem::path model() const { return std::filesystem::path(out) / "model.safetensors"; }
};

/// What the descriptions of the flags call things.
struct LmWords {
  const char *data, *steps, *batch, *unit;  ///< "text to learn from", "2000", "texts read side by side", "characters"
};

/// Adds a flag for each member; their defaults are what `options` has.
void add_lm_options(CLI::App& app, LmOptions& options, const LmWords& words);

/// What a training that goes on from a checkpoint cannot change, besides what the program adds.
void require_settings(nn::Checkpoint& run, const LmOptions& options);

/// After the command line was read: a quick training has 128 hidden units unless told otherwise. FormatError for flags
/// that would be passed over in silence; beside --generate those that choose what is generated are allowed.
void finish_lm_options(const CLI::App& app, LmOptions& options);

/// set_threads and set_reproducible, then `work`; Error that names `smaller` when memory runs out.
void run_lm(const LmOptions& options, std::string_view smaller, const std::function<void()>& work);

}  // namespace heed::examples
