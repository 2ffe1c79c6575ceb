// The command line of examples/translate.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "examples/support/checkpoint_files.h"
#include "examples/support/translation_task.h"

namespace heed::examples {

struct TranslateOptions : TaskOptions {
  CheckpointFlags checkpoints;
  std::string out = "out", json, progress = "auto";
  bool translate = false;
  std::vector<std::string> texts;  ///< to translate; none: lines of standard input
  int threads = 0;                 ///< 0: all processors
  bool reproducible = false;       ///< heed::set_reproducible
  std::int64_t beam = 3;

  std::filesystem::path in_out(const char* name) const { return std::filesystem::path(out) / name; }
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<TranslateOptions> parse_translate_options(int argc, char** argv);

}  // namespace heed::examples
