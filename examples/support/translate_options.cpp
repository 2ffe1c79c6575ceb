#include "examples/support/translate_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "examples/support/attention_file.h"
#include "examples/support/flags.h"
#include "examples/support/given_texts.h"
#include "examples/support/program.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// Flags that would be passed over in silence.
void check_idle_flags(const Flags& flags) {
  flags.allow_only_beside("--translate", {"--out", "--beam", "--attention", "--threads", "--reproducible"});
  for (const char* name : {"--epochs", "--max-pairs", "--max-words", "--held-out", "--min-count", "--vocabulary",
                           "--subwords", "--subword-model"})
    if (!flags.given("--data") && flags.given(name))
      throw FormatError(fmt::format("{} has no use without --data", name));
  for (const char* pieces : {"--subwords", "--subword-model"})
    for (const char* name : {"--min-count", "--vocabulary"})
      if (flags.given(pieces) && flags.given(name))
        throw FormatError(fmt::format("{} has no use beside {}", name, pieces));
  check_subword_flags(flags);
  check_train_options(flags);
}

void add_options(Flags& flags, TranslateOptions& options) {
  options.out = "out";
  add_train_options(flags, options,
                    {.data = "tab-separated sentence pairs to learn from: source, tab, target",
                     .files = "model.safetensors, alignment.svg, loss.svg",
                     .steps = "800 dates, 10 or more epochs of pairs",
                     .batch = "examples per step",
                     .rate = "0.005 dates, 0.002 pairs"});
  add_texts_flag(flags, "--translate", options.translate,
                 "TEXT...: translate each TEXT, or the lines of standard input");
  flags.add_number("--hidden", options.hidden, 2, 4096, "state size (default: 64 dates, 128 pairs)");
  flags.add_number("--beam", options.beam, 1, 100, "hypotheses kept when translating; 1 is greedy");
  add_attention_flag(flags, options.attention);
  flags.add_choice("--readout", options.readout, {"previous", "current"}, "which state the output layer reads");
  flags.add_number("--max-pairs", options.max_pairs, 1, 100'000'000, "use at most so many pairs, drawn at random");
  flags.add_number("--max-words", options.max_words, 1, 10'000,
                   "leave out longer sentences (default: 60, less for many pairs)");
  flags.add_number("--held-out", options.held_out, 0, 10'000'000,
                   "held-out pairs (default: a tenth of 1000 or more, up to 1000)");
  flags.add_number("--min-count", options.min_count, 1, 1'000'000,
                   "rarer words become <unk> (default: 1 below 2000 pairs, else 2)");
  flags.add_number("--vocabulary", options.vocabulary, 5, 10'000'000, "most words per language");
  add_subword_flags(flags, options.subwords, "words");
}

}  // namespace

std::optional<TranslateOptions> parse_translate_options(int argc, char** argv) {
  TranslateOptions options;
  Flags flags("translate",
              "Trains RNNsearch, an encoder-decoder with additive attention, and translates with it.\n"
              "Without --data it learns to write dates as ISO 8601 does.");
  add_options(flags, options);
  if (!flags.parse(argc, argv)) return std::nullopt;
  check_idle_flags(flags);
  options.texts = given_texts(flags, options.translate);
  return options;
}

}  // namespace heed::examples
