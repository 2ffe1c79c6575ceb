// The command line of examples/gpt.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "examples/support/lm_options.h"
#include "examples/support/subword_options.h"

namespace heed::examples {

struct GptOptions : WritingOptions {
  std::int64_t embedding = 128, heads = 4, kv_heads = 0, layers = 4, context = 64;
  double dropout = 0;
  std::string positions = "learned";
  SubwordOptions subwords;
  std::string attention;  ///< a file; empty: none
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<GptOptions> parse_gpt_options(int argc, char** argv);

}  // namespace heed::examples
