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
  Flags flags(
      "char_rnn",
      "Trains a recurrent network to predict the next character of a text, or piece of a word, and writes text with "
      "it.\n"
      "Without --data it learns sums in words, such as \"three plus four is seven.\"");
  add_lm_options(flags, options,
                 {.data = "text to learn from, in UTF-8 (default: sums in words)",
                  .steps = "2000",
                  .batch = "texts read side by side",
                  .unit = "characters, or pieces,"});
  flags.add_choice("--cell", options.cell, {"rnn", "lstm", "gru"}, "kind of recurrent network");
  flags.add_number("--length", options.length, 1, 65536,
                   "characters, or pieces, per step, through which gradients flow");
  add_subword_flags(flags, options.subwords, "characters");
  if (!flags.parse(argc, argv)) return std::nullopt;
  finish_lm_options(flags, options);
  check_subword_flags(flags);
  return options;
}

}  // namespace heed::examples
