#include "examples/support/translate_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>

#include "examples/support/flags.h"
#include "examples/support/given_texts.h"
#include "examples/support/program.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// Flags that would be passed over in silence.
void check_idle_flags(const CLI::App& app) {
  allow_only_beside(app, "--translate", {"--out", "--beam", "--threads", "--reproducible"});
  for (const char* name : {"--epochs", "--max-pairs", "--max-words", "--held-out", "--min-count", "--vocabulary",
                           "--subwords", "--subword-model"})
    if (app.count("--data") == 0 && app.count(name) > 0)
      throw FormatError(fmt::format("{} has no use without --data", name));
  for (const char* pieces : {"--subwords", "--subword-model"})
    for (const char* name : {"--min-count", "--vocabulary"})
      if (app.count(pieces) > 0 && app.count(name) > 0)
        throw FormatError(fmt::format("{} has no use beside {}", name, pieces));
  check_subword_flags(app);
  check_train_options(app);
}

void add_options(CLI::App& app, TranslateOptions& options) {
  constexpr std::int64_t one = 1;
  options.out = "out";
  add_train_options(app, options,
                    {.data = "tab-separated sentence pairs to learn from: source, tab, target",
                     .files = "model.safetensors, alignment.svg, loss.svg",
                     .steps = "800 dates, 10 or more epochs of pairs",
                     .rate = "0.005 dates, 0.002 pairs",
                     .batch = "examples per step"});
  add_texts_flag(app, "--translate", options.translate, "TEXT...: translate each TEXT, or the lines of standard input");
  add_number<std::int64_t>(app, "--hidden", options.hidden, 2, 4096, "state size (default: 64 dates, 128 pairs)");
  add_number<std::int64_t>(app, "--beam", options.beam, one, 100, "hypotheses kept when translating; 1 is greedy")
      ->default_str(std::to_string(options.beam));
  add_choice(app, "--readout", options.readout, {"previous", "current"}, "which state the output layer reads");
  add_number<std::int64_t>(app, "--max-pairs", options.max_pairs, one, 100'000'000,
                           "use at most so many pairs, drawn at random")
      ->default_str(std::to_string(options.max_pairs));
  add_number<std::int64_t>(app, "--max-words", options.max_words, one, 10'000,
                           "leave out longer sentences (default: 60, less for many pairs)");
  add_number<std::int64_t>(
      app, "--held-out", [&](std::int64_t pairs) { options.held_out = pairs; }, 0, 10'000'000,
      "held-out pairs (default: a tenth of 1000 or more, up to 1000)");
  add_number<std::int64_t>(app, "--min-count", options.min_count, one, 1'000'000,
                           "rarer words become <unk> (default: 1 below 2000 pairs, else 2)");
  add_number<std::int64_t>(app, "--vocabulary", options.vocabulary, 5, 10'000'000, "most words per language")
      ->default_str(std::to_string(options.vocabulary));
  add_subword_flags(app, options.subwords, "words");
}

}  // namespace

std::optional<TranslateOptions> parse_translate_options(int argc, char** argv) {
  TranslateOptions options;
  CLI::App app{
      "Trains RNNsearch, an encoder-decoder with additive attention, and translates with it.\n"
      "Without --data it learns to write dates as ISO 8601 does."};
  app.name("translate");
  add_options(app, options);
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  check_idle_flags(app);
  options.texts = given_texts(app, options.translate);
  return options;
}

}  // namespace heed::examples
