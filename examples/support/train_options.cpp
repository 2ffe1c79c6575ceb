#include "examples/support/train_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {

void add_train_options(CLI::App& app, TrainOptions& o, const TrainWords& words) {
  constexpr std::int64_t one = 1;
  o.program = app.get_name();
  app.add_option("--data", o.data, words.data)->type_name("FILE");
  app.add_option("--out", o.out, "folder for " + words.files)->type_name("DIR")->capture_default_str();
  add_run_options(app, o, words.quick);
  add_number(app, "--steps", o.steps, one, std::int64_t{100'000'000},
             fmt::format("training steps (default: {})", words.steps));
  add_number(app, "--epochs", o.epochs, one, std::int64_t{1'000'000}, "passes over the data, in place of --steps");
  add_number(app, "--batch", o.batch, one, std::int64_t{65536}, words.batch)->default_str(fmt::to_string(o.batch));
  add_number(app, "--lr", o.learning_rate, 1e-9, 10.0, fmt::format("learning rate of Adam (default: {})", words.rate));
  add_checkpoint_flags(app, o.checkpoints);
  add_log_flags(app, o.log);
  add_choice(app, "--progress", o.progress, {"auto", "on", "off"}, "progress on standard error");
}

void check_train_options(const CLI::App& app) {
  for (const char* name : {"--data", "--out", "--json", "--log", "--tensorboard", "--resume"})
    if (app.count(name) > 0 && app.get_option(name)->as<std::string>().empty())
      throw FormatError(fmt::format("{}: no name", name));
  if (app.count("--log-every") > 0 && app.count("--log") + app.count("--tensorboard") == 0)
    throw FormatError("--log-every has no use without --log or --tensorboard");
  const auto check_both = [&](const char* one, const char* other) {
    if (app.count(one) > 0 && app.count(other) > 0)
      throw FormatError(fmt::format("{} and {} both say how long to train: give one of them", one, other));
  };
  check_both("--quick", "--steps");
  check_both("--quick", "--epochs");
  check_both("--steps", "--epochs");
}

void require_settings(nn::Checkpoint& run, const TrainOptions& o) {
  run.require("program", o.program);
  run.require("seed", fmt::to_string(o.seed));
  run.require("reproducible", fmt::to_string(o.reproducible));
  run.require("batch", fmt::to_string(o.batch));
  run.remark("simd", simd_description());
  if (!o.reproducible) run.remark("blas", blas_description());
}

}  // namespace heed::examples
