// The training loop of examples/translate.cpp.
#pragma once

#include <cstdint>

#include "examples/support/training.h"
#include "examples/support/translate_options.h"
#include "examples/support/translation_task.h"

namespace heed::examples {

/// The best model so far of a training that is not done, in --out, for who stops a long one.
inline constexpr const char* unfinished_name = "unfinished.safetensors";

struct TranslateHistory : TrainingHistory {
  std::int64_t tokens = 0;
};

/// Trains task.translator with Adam for task.steps steps, then makes it the model of the lowest validation loss.
/// Progress goes to standard error as options.progress says, better models to options.out/unfinished_name before the
/// last step. Error when a loss is not finite, or no model is better than task.unigram_loss.
TranslateHistory train(TranslationTask& task, const TranslateOptions& options);

}  // namespace heed::examples
