#include "examples/support/train_options.h"

#include <fmt/format.h>

#include "examples/support/flags.h"
#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {

void add_train_options(Flags& flags, TrainOptions& o, const TrainWords& words) {
  o.program = flags.program();
  flags.add_text("--data", o.data, "FILE", words.data);
  flags.add_text("--out", o.out, "DIR", "folder for " + words.files);
  add_run_options(flags, o, words.quick);
  flags.add_number("--steps", o.steps, 1, 100'000'000, fmt::format("training steps (default: {})", words.steps));
  flags.add_number("--epochs", o.epochs, 1, 1'000'000, "passes over the data, in place of --steps");
  flags.add_number("--batch", o.batch, 1, 65536, words.batch);
  flags.add_number("--lr", o.learning_rate, 1e-9, 10.0,
                   "learning rate of Adam" + (words.rate.empty() ? "" : " (default: " + words.rate + ")"));
  add_checkpoint_flags(flags, o.checkpoints);
  add_log_flags(flags, o.log);
  flags.add_choice("--progress", o.progress, {"auto", "on", "off"}, "progress on standard error");
}

void check_train_options(const Flags& flags) {
  flags.check_named({"--data", "--out", "--json", "--log", "--tensorboard", "--resume", "--attention"});
  if (flags.given("--log-every") && !flags.given("--log") && !flags.given("--tensorboard"))
    throw FormatError("--log-every has no use without --log or --tensorboard");
  const auto check_both = [&](const char* one, const char* other) {
    if (flags.given(one) && flags.given(other))
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
