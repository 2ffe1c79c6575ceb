// The command line of examples/classify.cpp.
#pragma once

#include <optional>
#include <vector>

#include "examples/support/train_options.h"

namespace heed::examples {

struct ClassifyOptions : TrainOptions {
  std::string kind = "gru";
  std::int64_t embedding = 64, hidden = 64;
  double dropout = 0.3;
  bool predict = false;
  std::vector<std::string> texts;  ///< to label with the saved model; none: lines of standard input
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<ClassifyOptions> parse_classify_options(int argc, char** argv);

}  // namespace heed::examples
