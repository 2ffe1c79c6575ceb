#include "examples/support/classify_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/given_texts.h"
#include "examples/support/program.h"
#include "examples/support/text_model.h"

namespace heed::examples {

std::optional<ClassifyOptions> parse_classify_options(int argc, char** argv) {
  ClassifyOptions o;
  o.out = "out-classify";
  o.batch = 32;
  o.learning_rate = 2e-3;
  CLI::App app{
      "Trains a classifier of texts: a bag of word vectors, a GRU or an LSTM.\n"
      "Without --data it learns the intents of requests that it makes up."};
  app.name("classify");
  add_train_options(app, o,
                    {.data = "labelled texts: a file of lines, label and text; a folder of labels; or SNIPS' folder",
                     .files = "model.safetensors and loss.svg",
                     .steps = "12 epochs, 1500 or more",
                     .rate = "0.002",
                     .batch = "texts per step"});
  add_choice(app, "--model", o.kind, text_model_kinds(), "how a text is read");
  add_number(app, "--embedding", o.embedding, std::int64_t{1}, std::int64_t{4096}, "size of a word's vector")
      ->default_str(fmt::to_string(o.embedding));
  add_number(app, "--hidden", o.hidden, std::int64_t{1}, std::int64_t{4096}, "state size of each direction")
      ->default_str(fmt::to_string(o.hidden));
  add_number(app, "--dropout", o.dropout, 0.0, 0.99, "dropout of word vectors and of what the output reads")
      ->default_str(fmt::to_string(o.dropout));
  add_texts_flag(app, "--predict", o.predict, "TEXT...: print the label of each TEXT, or of standard input's lines");
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  allow_only_beside(app, "--predict", {"--out", "--threads", "--reproducible"});
  if (o.kind == "bag" && app.count("--hidden") > 0) throw FormatError("--hidden has no use with --model bag");
  check_train_options(app);
  o.texts = given_texts(app, o.predict);
  return o;
}

}  // namespace heed::examples
