// The command line of examples/mnist.cpp.
#pragma once

#include <optional>

#include "examples/support/train_options.h"

namespace heed::examples {

struct MnistOptions : TrainOptions {
  std::int64_t hidden = 512, layers = 2;
  double dropout = 0.2;
  std::string predict;  ///< images whose digits are told by the saved model; empty: train
};

/// What the command line says; nothing after --help, which is printed. FormatError that names the flag, its value and
/// what is allowed; also for flags that would be passed over in silence.
std::optional<MnistOptions> parse_mnist_options(int argc, char** argv);

}  // namespace heed::examples
