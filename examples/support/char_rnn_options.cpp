#include "examples/support/char_rnn_options.h"

#include <fmt/format.h>

#include <limits>

#include "examples/support/flags.h"
#include "examples/support/program.h"

namespace heed::examples {
namespace {

void add_options(CLI::App& app, CharRnnOptions& o) {
  constexpr std::int64_t one = 1;
  const auto number = [&](const char* name, auto& value, auto low, auto high, const char* description) {
    add_number(app, name, value, low, high, description)->default_str(fmt::format("{}", value));
  };
  app.add_option("--data", o.data, "text to learn from, in UTF-8 (default: sums in words)")->type_name("FILE");
  app.add_option("--out", o.out, "folder for model.safetensors and loss.svg")->type_name("DIR")->capture_default_str();
  app.add_option("--json", o.json, "write metrics to FILE")->type_name("FILE");
  number("--seed", o.seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(), "seed of everything random");
  add_number(app, "--threads", o.threads, 1, 64, "threads (default: all processors)");
  app.add_flag("--quick", o.quick, "a shorter training")->disable_flag_override();
  app.add_flag("--reproducible", o.reproducible, "the same bits on every processor with FMA, a little slower")
      ->disable_flag_override();
  add_number(app, "--steps", o.steps, one, std::int64_t{100'000'000}, "training steps (default: 2000)");
  add_choice(app, "--cell", o.cell, {"rnn", "lstm", "gru"}, "kind of recurrent network");
  number("--batch", o.batch, one, std::int64_t{65536}, "texts read side by side");
  number("--length", o.length, one, std::int64_t{65536}, "characters per step, through which gradients flow");
  number("--embedding", o.embedding, one, std::int64_t{4096}, "size of a character's vector");
  number("--hidden", o.hidden, one, std::int64_t{8192}, "state size");
  number("--layers", o.layers, one, std::int64_t{16}, "layers");
  number("--dropout", o.dropout, 0.0, 0.99, "dropout of each layer's output");
  number("--lr", o.learning_rate, 1e-9, 10.0, "learning rate of Adam");
  add_number(app, "--generate", o.generate, one, std::int64_t{1'000'000'000},
             "print so many characters of the saved model's, and train nothing");
  app.add_option("--prompt", o.prompt, "what the generated text begins with")->type_name("TEXT");
  number("--temperature", o.sampling.temperature, 0.0, 1e6, "of generated text; 0 is the likeliest character");
  number("--top-k", o.sampling.top_k, std::int64_t{0}, std::int64_t{1'000'000}, "of the k likeliest; 0 is all");
  number("--top-p", o.sampling.top_p, 1e-6, 1.0, "of the fewest that have this probability");
  add_choice(app, "--progress", o.progress, {"auto", "on", "off"}, "progress on standard error");
}

// Flags that would be passed over in silence.
void check_idle_flags(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const auto is = [option](std::initializer_list<const char*> names) {
      return std::any_of(names.begin(), names.end(), [&](const char* name) { return option->check_lname(name); });
    };
    if (option->count() == 0) continue;
    const std::string name = "--" + option->get_lnames().front();
    if (app.count("--generate") > 0 &&
        !is({"generate", "prompt", "temperature", "top-k", "top-p", "out", "seed", "threads", "reproducible"}))
      throw FormatError(fmt::format("{} has no use beside --generate", name));
    if (is({"quick"}) && app.count("--steps") > 0)
      throw FormatError("--quick and --steps both say how long to train: give one of them");
    if (app.count("--generate") == 0 && is({"prompt"})) throw FormatError("--prompt has no use without --generate");
    if (is({"data", "out", "json"}) && option->as<std::string>().empty())
      throw FormatError(fmt::format("{}: no name", name));
  }
}

}  // namespace

std::optional<CharRnnOptions> parse_char_rnn_options(int argc, char** argv) {
  CharRnnOptions options;
  CLI::App app{
      "Trains a recurrent network to predict the next character of a text, and writes text with it.\n"
      "Without --data it learns sums in words, such as \"three plus four is seven.\""};
  app.name("char_rnn");
  add_options(app, options);
  if (!parse_flags(app, argc, argv)) return std::nullopt;
  check_idle_flags(app);
  return options;
}

}  // namespace heed::examples
