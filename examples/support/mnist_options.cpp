#include "examples/support/mnist_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/program.h"
#include "heed/tensor/error.h"

namespace heed::examples {

std::optional<MnistOptions> parse_mnist_options(int argc, char** argv) {
  MnistOptions o;
  o.out = "out-mnist";
  o.batch = 128;
  o.learning_rate = 1e-3;
  Flags flags("mnist",
              "Trains a multilayer perceptron to read digits.\n"
              "Without --data it learns digits that it draws.");
  add_train_options(flags, o,
                    {.data = "folder with MNIST's four files, as published or unpacked (default: drawn digits)",
                     .files = "model.safetensors, mistakes.svg and loss.svg",
                     .steps = "10 epochs",
                     .batch = "images per step"});
  flags.add_number("--hidden", o.hidden, 1, 8192, "units of a hidden layer");
  flags.add_number("--layers", o.layers, 0, 16, "hidden layers");
  flags.add_number("--dropout", o.dropout, 0.0, 0.99, "dropout of each hidden layer's output");
  flags.add_text("--predict", o.predict, "FILE",
                 "print the digits of the images in FILE by the saved model, train nothing");
  if (!flags.parse(argc, argv)) return std::nullopt;
  flags.allow_only_beside("--predict", {"--out", "--threads", "--reproducible"});
  if (flags.given("--predict") && o.predict.empty()) throw FormatError("--predict: no name");
  for (const char* name : {"--hidden", "--dropout"})
    if (o.layers == 0 && flags.given(name)) throw FormatError(fmt::format("{} has no use with --layers 0", name));
  check_train_options(flags);
  return o;
}

}  // namespace heed::examples
