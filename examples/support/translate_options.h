// The command line of examples/translate.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "examples/support/translation_task.h"

namespace heed::examples {

struct TranslateOptions : TaskOptions {
  bool translate = false;
  std::vector<std::string> texts;  ///< to translate; none: lines of standard input
  std::int64_t beam = 3;
  std::string attention;  ///< a page of where the model looked; empty: none
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<TranslateOptions> parse_translate_options(int argc, char** argv);

}  // namespace heed::examples
