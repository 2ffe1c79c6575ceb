#include "examples/support/lm_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "heed/tensor/error.h"

namespace heed::examples {

void add_writing_flags(Flags& flags, WritingOptions& o, const char* unit) {
  flags.add_number("--generate", o.generate, 1, 1'000'000'000,
                   fmt::format("print so many {} of the saved model's, and train nothing", unit));
  flags.add_text("--prompt", o.prompt, "TEXT", fmt::format("what the generated {} begin with", unit));
  flags.add_number("--temperature", o.sampling.temperature, 0.0, 1e6,
                   "of what is generated; 0 is the likeliest character");
  flags.add_number("--top-k", o.sampling.top_k, 0, 1'000'000, "of the k likeliest; 0 is all");
  flags.add_number("--top-p", o.sampling.top_p, 1e-6, 1.0, "of the fewest that have this probability");
}

void check_writing_flags(const Flags& flags) {
  flags.allow_only_beside("--generate", {"--prompt", "--temperature", "--top-k", "--top-p", "--out", "--seed",
                                         "--threads", "--reproducible"});
  if (!flags.given("--generate") && flags.given("--prompt"))
    throw FormatError("--prompt has no use without --generate");
  check_train_options(flags);
}

void add_lm_options(Flags& flags, LmOptions& o, const LmWords& words) {
  o.learning_rate = 4e-3;
  add_train_options(flags, o,
                    {.data = words.data,
                     .files = "model.safetensors and loss.svg",
                     .steps = words.steps,
                     .batch = words.batch,
                     .quick = "a shorter training of a smaller model (--hidden 128)"});
  flags.add_number("--embedding", o.embedding, 1, 4096, "size of a character's vector");
  flags.add_number("--hidden", o.hidden, 1, 8192, "state size");
  flags.add_number("--layers", o.layers, 1, 16, "layers");
  flags.add_number("--dropout", o.dropout, 0.0, 0.99, "dropout of each layer's output");
  add_writing_flags(flags, o, words.unit);
}

void require_settings(nn::Checkpoint& run, const LmOptions& o) {
  require_settings(run, static_cast<const TrainOptions&>(o));
  run.require("embedding", fmt::to_string(o.embedding));
  run.require("hidden", fmt::to_string(o.hidden));
  run.require("layers", fmt::to_string(o.layers));
  run.require("dropout", fmt::to_string(o.dropout));
}

void finish_lm_options(const Flags& flags, LmOptions& options) {
  check_writing_flags(flags);
  if (options.quick && !flags.given("--hidden")) options.hidden = 128;
}

}  // namespace heed::examples
