#include "examples/support/char_rnn_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/program.h"

namespace heed::examples {

std::optional<CharRnnOptions> parse_char_rnn_options(int argc, char** argv) {
  CharRnnOptions options;
  options.out = "out-char-rnn";
  options.batch = 32;
  options.embedding = 64;
  CLI::App app{
      "Trains a recurrent network to predict the next character of a text, or piece of a word, and writes text with "
      "it.\n"
      "Without --data it learns sums in words, such as \"three plus four is seven.\""};
  app.name("char_rnn");
  add_lm_options(app, options,
                 {.data = "text to learn from, in UTF-8 (default: sums in words)",
                  .steps = "2000",
                  .batch = "texts read side by side",
                  .unit = "characters, or pieces,"});
  add_choice(app, "--cell", options.cell, {"rnn", "lstm", "gru"}, "kind of recurrent network");
  add_number(app, "--length", options.length, std::int64_t{1}, std::int64_t{65536},
             "characters, or pieces, per step, through which gradients flow")
      ->default_str(fmt::format("{}", options.length));
  add_subword_flags(app, options.subwords, "characters");
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  finish_lm_options(app, options);
  check_subword_flags(app);
  return options;
}

}  // namespace heed::examples
