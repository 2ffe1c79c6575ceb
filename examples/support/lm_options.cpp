#include "examples/support/lm_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"

namespace heed::examples {

void add_lm_options(CLI::App& app, LmOptions& o, const LmWords& words) {
  constexpr std::int64_t one = 1;
  const auto number = [&](const char* name, auto& value, auto low, auto high, const std::string& description) {
    add_number(app, name, value, low, high, description)->default_str(fmt::format("{}", value));
  };
  o.learning_rate = 4e-3;
  add_train_options(app, o,
                    {.data = words.data,
                     .files = "model.safetensors and loss.svg",
                     .steps = words.steps,
                     .rate = "0.004",
                     .batch = words.batch,
                     .quick = "a shorter training of a smaller model (--hidden 128)"});
  number("--embedding", o.embedding, one, std::int64_t{4096}, "size of a character's vector");
  number("--hidden", o.hidden, one, std::int64_t{8192}, "state size");
  number("--layers", o.layers, one, std::int64_t{16}, "layers");
  number("--dropout", o.dropout, 0.0, 0.99, "dropout of each layer's output");
  add_number(app, "--generate", o.generate, one, std::int64_t{1'000'000'000},
             fmt::format("print so many {} of the saved model's, and train nothing", words.unit));
  app.add_option("--prompt", o.prompt, fmt::format("what the generated {} begin with", words.unit))->type_name("TEXT");
  number("--temperature", o.sampling.temperature, 0.0, 1e6, "of what is generated; 0 is the likeliest character");
  number("--top-k", o.sampling.top_k, std::int64_t{0}, std::int64_t{1'000'000}, "of the k likeliest; 0 is all");
  number("--top-p", o.sampling.top_p, 1e-6, 1.0, "of the fewest that have this probability");
}

void require_settings(nn::Checkpoint& run, const LmOptions& o) {
  require_settings(run, static_cast<const TrainOptions&>(o));
  run.require("embedding", fmt::to_string(o.embedding));
  run.require("hidden", fmt::to_string(o.hidden));
  run.require("layers", fmt::to_string(o.layers));
  run.require("dropout", fmt::to_string(o.dropout));
}

void finish_lm_options(const CLI::App& app, LmOptions& options) {
  allow_only_beside(
      app, "--generate",
      {"--prompt", "--temperature", "--top-k", "--top-p", "--out", "--seed", "--threads", "--reproducible"});
  if (app.count("--generate") == 0 && app.count("--prompt") > 0)
    throw FormatError("--prompt has no use without --generate");
  check_train_options(app);
  if (options.quick && app.count("--hidden") == 0) options.hidden = 128;
}

}  // namespace heed::examples
