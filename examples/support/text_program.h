// What the programs do alike that learn to write a text, whatever their model is: read it, train with samples, tell
// what came of it, and write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "examples/support/lm_options.h"
#include "examples/support/token_text.h"
#include "examples/support/training.h"
#include "heed/tensor/random/random.h"

namespace heed::examples {

/// Independent streams of one seed: what one part draws does not shift what another draws.
enum class TextStream : std::uint64_t { initial_weights, made_up_text, training, drawn_text };
Generator stream(const RunOptions& options, TextStream which);

/// The text of --data, or sums in words. FormatError, IoError.
std::string read_text(const TrainOptions& options);

/// FormatError for a text that is too short for the rows it is read in.
void check_text_length(const TokenText& text, const WritingOptions& options);

/// A training that goes on from a checkpoint has the same text in the same tokens.
void require_text(nn::Checkpoint& run, const std::string& text, const LmTokens& tokens);

/// Calls write(id) for `count` tokens drawn one after the other; `prompt` is read first.
using DrawTokens =
    std::function<void(const std::vector<std::int64_t>& prompt, std::int64_t count, const nn::SamplingConfig& sampling,
                       Generator& generator, const std::function<void(std::int64_t)>& write)>;

struct TextTraining : TrainingHistory {
  double tokens = 0;  ///< read in training
};

/// What a program does with its language model.
struct TextLm {
  std::int64_t parameters = 0;
  /// Leaves the weights of the lowest validation loss in the model; `sample` is for run_training().
  std::function<TextTraining(const std::function<std::string()>& sample)> train;
  DrawTokens draw;
  std::function<void(const std::filesystem::path&)> save;
};

/// Trains, writes a sample, saves model, picture and report, and tells what came of it. `start` is when the program
/// began, by now().
void train_and_show(const TextLm& lm, const TokenText& text, const WritingOptions& options, double start);

/// What --generate asks for, on standard output as it is drawn.
void write_text(const LmTokens& tokens, const DrawTokens& draw, const WritingOptions& options);

}  // namespace heed::examples
