// The command line of examples/names.cpp.
#pragma once

#include <optional>

#include "examples/support/lm_options.h"

namespace heed::examples {

struct NamesOptions : LmOptions {
  std::string kind = "lstm";
  std::int64_t context = 0;  ///< 0: 4 for ngram, 8 for mlp
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<NamesOptions> parse_names_options(int argc, char** argv);

}  // namespace heed::examples
