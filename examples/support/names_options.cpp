#include "examples/support/names_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/name_model.h"
#include "examples/support/program.h"

namespace heed::examples {
namespace {

// Flags of another kind of model.
void check_kind_flags(const CLI::App& app, const std::string& kind) {
  const bool counts = kind == "ngram", recurrent = !counts && kind != "mlp";
  for (const char* name : {"--steps", "--epochs", "--quick", "--batch", "--embedding", "--hidden", "--lr", "--resume",
                           "--ckpt-every", "--log", "--tensorboard"})
    if (counts && app.count(name) > 0) throw FormatError(fmt::format("{} has no use with --model ngram", name));
  for (const char* name : {"--layers", "--dropout"})
    if (!recurrent && app.count(name) > 0) throw FormatError(fmt::format("{} has no use with --model {}", name, kind));
  if (recurrent && app.count("--context") > 0)
    throw FormatError(fmt::format("--context has no use with --model {}", kind));
}

}  // namespace

std::optional<NamesOptions> parse_names_options(int argc, char** argv) {
  NamesOptions options;
  options.out = "out-names";
  options.batch = 128;
  options.embedding = 32;
  CLI::App app{
      "Trains a language model on names, one a line, and makes up new ones.\n"
      "Without --data it learns names of two or three syllables that it makes up by rules."};
  app.name("names");
  add_lm_options(app, options,
                 {.data = "names to learn from, one a line, in UTF-8 (default: made up)",
                  .steps = "3000",
                  .batch = "names per step",
                  .unit = "names"});
  add_choice(app, "--model", options.kind, name_lm_kinds(), "kind of language model");
  add_number(app, "--context", options.context, std::int64_t{1}, std::int64_t{63},
             "characters that ngram and mlp read (default: 4 and 8)");
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  finish_lm_options(app, options);
  check_kind_flags(app, options.kind);
  if (options.prompt.find('\n') != std::string::npos) throw FormatError("--prompt: a name has no line break");
  if (options.context == 0) options.context = options.kind == "ngram" ? 4 : 8;
  return options;
}

}  // namespace heed::examples
