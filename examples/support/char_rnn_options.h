// The command line of examples/char_rnn.cpp.
#pragma once

#include <optional>

#include "examples/support/lm_options.h"
#include "examples/support/subword_options.h"

namespace heed::examples {

struct CharRnnOptions : LmOptions {
  std::string cell = "lstm";
  std::int64_t length = 64;
  SubwordOptions subwords;
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<CharRnnOptions> parse_char_rnn_options(int argc, char** argv);

}  // namespace heed::examples
