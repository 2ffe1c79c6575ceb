#include "examples/support/lm_options.h"

#include <fmt/format.h>

#include <limits>
#include <new>

#include "examples/support/flags.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {

void add_lm_options(CLI::App& app, LmOptions& o, const LmWords& words) {
  constexpr std::int64_t one = 1;
  const auto number = [&](const char* name, auto& value, auto low, auto high, const std::string& description) {
    add_number(app, name, value, low, high, description)->default_str(fmt::format("{}", value));
  };
  app.add_option("--data", o.data, words.data)->type_name("FILE");
  app.add_option("--out", o.out, "folder for model.safetensors and loss.svg")->type_name("DIR")->capture_default_str();
  app.add_option("--json", o.json, "write metrics to FILE")->type_name("FILE");
  number("--seed", o.seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(), "seed of everything random");
  add_number(app, "--threads", o.threads, 1, 64, "threads (default: all processors)");
  app.add_flag("--quick", o.quick, "a shorter training of a smaller model (--hidden 128)")->disable_flag_override();
  app.add_flag("--reproducible", o.reproducible, "the same bits on every processor with FMA, a little slower")
      ->disable_flag_override();
  add_number(app, "--steps", o.steps, one, std::int64_t{100'000'000},
             fmt::format("training steps (default: {})", words.steps));
  number("--batch", o.batch, one, std::int64_t{65536}, words.batch);
  number("--embedding", o.embedding, one, std::int64_t{4096}, "size of a character's vector");
  number("--hidden", o.hidden, one, std::int64_t{8192}, "state size");
  number("--layers", o.layers, one, std::int64_t{16}, "layers");
  number("--dropout", o.dropout, 0.0, 0.99, "dropout of each layer's output");
  number("--lr", o.learning_rate, 1e-9, 10.0, "learning rate of Adam");
  add_number(app, "--generate", o.generate, one, std::int64_t{1'000'000'000},
             fmt::format("print so many {} of the saved model's, and train nothing", words.unit));
  app.add_option("--prompt", o.prompt, fmt::format("what the generated {} begin with", words.unit))->type_name("TEXT");
  number("--temperature", o.sampling.temperature, 0.0, 1e6, "of what is generated; 0 is the likeliest character");
  number("--top-k", o.sampling.top_k, std::int64_t{0}, std::int64_t{1'000'000}, "of the k likeliest; 0 is all");
  number("--top-p", o.sampling.top_p, 1e-6, 1.0, "of the fewest that have this probability");
  add_checkpoint_flags(app, o.checkpoints);
  add_choice(app, "--progress", o.progress, {"auto", "on", "off"}, "progress on standard error");
}

void require_settings(nn::Checkpoint& run, const LmOptions& o) {
  run.require("seed", fmt::to_string(o.seed));
  run.require("reproducible", fmt::to_string(o.reproducible));
  run.require("batch", fmt::to_string(o.batch));
  run.require("embedding", fmt::to_string(o.embedding));
  run.require("hidden", fmt::to_string(o.hidden));
  run.require("layers", fmt::to_string(o.layers));
  run.require("dropout", fmt::to_string(o.dropout));
}

void finish_lm_options(const CLI::App& app, LmOptions& options) {
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
  if (options.quick && app.count("--hidden") == 0) options.hidden = 128;
}

void run_lm(const LmOptions& options, std::string_view smaller, const std::function<void()>& work) {
  if (options.threads > 0) set_threads(options.threads);
  if (options.reproducible) set_reproducible(true);
  try {
    work();
  } catch (const MemoryError& error) {
    throw Error(fmt::format("{}: try a smaller {}", error.what(), smaller));
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("not enough memory: try a smaller {}", smaller));
  }
}

}  // namespace heed::examples
