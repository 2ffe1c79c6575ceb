#include "examples/support/names_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "examples/support/name_model.h"
#include "examples/support/program.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// Flags of another kind of model.
void check_kind_flags(const Flags& flags, const std::string& kind) {
  const bool counts = kind == "ngram", recurrent = !counts && kind != "mlp";
  for (const char* name : {"--steps", "--epochs", "--quick", "--batch", "--embedding", "--hidden", "--lr", "--resume",
                           "--ckpt-every", "--log", "--tensorboard"})
    if (counts && flags.given(name)) throw FormatError(fmt::format("{} has no use with --model ngram", name));
  for (const char* name : {"--layers", "--dropout"})
    if (!recurrent && flags.given(name)) throw FormatError(fmt::format("{} has no use with --model {}", name, kind));
  if (recurrent && flags.given("--context"))
    throw FormatError(fmt::format("--context has no use with --model {}", kind));
}

}  // namespace

std::optional<NamesOptions> parse_names_options(int argc, char** argv) {
  NamesOptions options;
  options.out = "out-names";
  options.batch = 128;
  options.embedding = 32;
  Flags flags("names",
              "Trains a language model on names, one a line, and makes up new ones.\n"
              "Without --data it learns names of two or three syllables that it makes up by rules.");
  add_lm_options(flags, options,
                 {.data = "names to learn from, one a line, in UTF-8 (default: made up)",
                  .steps = "3000",
                  .batch = "names per step",
                  .unit = "names"});
  flags.add_choice("--model", options.kind, name_lm_kinds(), "kind of language model");
  flags.add_number("--context", options.context, 1, 63, "characters that ngram and mlp read (default: 4 and 8)");
  if (!flags.parse(argc, argv)) return std::nullopt;
  finish_lm_options(flags, options);
  check_kind_flags(flags, options.kind);
  if (options.prompt.find('\n') != std::string::npos) throw FormatError("--prompt: a name has no line break");
  if (options.context == 0) options.context = options.kind == "ngram" ? 4 : 8;
  return options;
}

}  // namespace heed::examples
