#include "examples/support/mnist_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/program.h"

namespace heed::examples {

std::optional<MnistOptions> parse_mnist_options(int argc, char** argv) {
  MnistOptions o;
  o.out = "out-mnist";
  o.batch = 128;
  o.learning_rate = 1e-3;
  CLI::App app{
      "Trains a multilayer perceptron to read digits.\n"
      "Without --data it learns digits that it draws."};
  app.name("mnist");
  add_train_options(app, o,
                    {.data = "folder with MNIST's four files, as published or unpacked (default: drawn digits)",
                     .files = "model.safetensors, mistakes.svg and loss.svg",
                     .steps = "10 epochs",
                     .rate = "0.001",
                     .batch = "images per step"});
  add_number(app, "--hidden", o.hidden, std::int64_t{1}, std::int64_t{8192}, "units of a hidden layer")
      ->default_str(fmt::to_string(o.hidden));
  add_number(app, "--layers", o.layers, std::int64_t{0}, std::int64_t{16}, "hidden layers")
      ->default_str(fmt::to_string(o.layers));
  add_number(app, "--dropout", o.dropout, 0.0, 0.99, "dropout of each hidden layer's output")
      ->default_str(fmt::to_string(o.dropout));
  app.add_option("--predict", o.predict, "print the digits of the images in FILE by the saved model, train nothing")
      ->type_name("FILE");
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  allow_only_beside(app, "--predict", {"--out", "--threads", "--reproducible"});
  if (app.count("--predict") > 0 && o.predict.empty()) throw FormatError("--predict: no name");
  for (const char* name : {"--hidden", "--dropout"})
    if (o.layers == 0 && app.count(name) > 0) throw FormatError(fmt::format("{} has no use with --layers 0", name));
  check_train_options(app);
  return o;
}

}  // namespace heed::examples
