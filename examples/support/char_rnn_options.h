// The command line of examples/char_rnn.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "heed/nn/seq2seq/sampling.h"

namespace heed::examples {

struct CharRnnOptions {
  std::string data;  ///< empty: sums in words (models/tasks/sums.h)
  std::string out = "out-char-rnn", json, progress = "auto", cell = "lstm";
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all processors
  bool quick = false, reproducible = false;
  std::int64_t steps = 0;  ///< 0: 2000, with --quick 300
  std::int64_t batch = 32, length = 64, embedding = 64, hidden = 256, layers = 1;
  double learning_rate = 4e-3, dropout = 0;

  std::int64_t generate = 0;  ///< so many characters, from the saved model; 0: train
  std::string prompt;
  nn::SamplingConfig sampling;

  std::filesystem::path model() const { return std::filesystem::path(out) / "model.safetensors"; }
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<CharRnnOptions> parse_char_rnn_options(int argc, char** argv);

}  // namespace heed::examples
