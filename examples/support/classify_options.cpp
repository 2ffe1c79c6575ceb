#include "examples/support/classify_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/given_texts.h"
#include "examples/support/program.h"
#include "examples/support/text_model.h"
#include "heed/tensor/error.h"

namespace heed::examples {

std::optional<ClassifyOptions> parse_classify_options(int argc, char** argv) {
  ClassifyOptions o;
  o.out = "out-classify";
  o.batch = 32;
  o.learning_rate = 2e-3;
  Flags flags("classify",
              "Trains a classifier of texts: a bag of word vectors, a GRU or an LSTM.\n"
              "Without --data it learns the intents of requests that it makes up.");
  add_train_options(flags, o,
                    {.data = "labelled texts: a file of lines, label and text; a folder of labels; or SNIPS' folder",
                     .files = "model.safetensors and loss.svg",
                     .steps = "12 epochs, 1500 or more",
                     .batch = "texts per step"});
  flags.add_choice("--model", o.kind, text_model_kinds(), "how a text is read");
  flags.add_number("--embedding", o.embedding, 1, 4096, "size of a word's vector");
  flags.add_number("--hidden", o.hidden, 1, 4096, "state size of each direction");
  flags.add_number("--dropout", o.dropout, 0.0, 0.99, "dropout of word vectors and of what the output reads");
  add_texts_flag(flags, "--predict", o.predict, "TEXT...: print the label of each TEXT, or of standard input's lines");
  if (!flags.parse(argc, argv)) return std::nullopt;
  flags.allow_only_beside("--predict", {"--out", "--threads", "--reproducible"});
  if (o.kind == "bag" && flags.given("--hidden")) throw FormatError("--hidden has no use with --model bag");
  check_train_options(flags);
  o.texts = given_texts(flags, o.predict);
  return o;
}

}  // namespace heed::examples
