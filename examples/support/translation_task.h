// The two things the translation example can learn: dates it makes up, and the sentence pairs of a file.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "examples/support/translator.h"

namespace heed::examples {

struct TaskOptions {
  std::string data;  ///< empty: dates
  bool quick = false;
  std::uint64_t seed = 1;
  std::int64_t steps = 0, epochs = 0, batch = 64, hidden = 0;  ///< 0: what suits the task
  double learning_rate = 0;
  std::int64_t max_pairs = 40000, max_words = 10, held_out = 1000, min_count = 2, vocabulary = 8000;
  std::string readout = "previous";
};

/// A fresh translator, where its batches come from, and what it is measured on.
struct TranslationTask {
  Translator translator;
  std::function<TrainingBatch()> next_batch = {};
  std::vector<Example> validation = {};  ///< for the validation loss
  std::vector<std::string> test_sources = {}, test_targets = {};
  std::vector<std::string> test_texts = {};  ///< the targets as the translator would write them: in lower case
  std::int64_t training_pairs = 0;           ///< 0: made anew for every batch
  std::int64_t steps = 0, steps_per_validation = 0;
  double learning_rate = 0;
  double unigram_loss = std::numeric_limits<double>::quiet_NaN();
};

/// Characters of dates (models/tasks/date.h); fresh ones for every batch, for validation and for the test.
TranslationTask date_task(const TaskOptions& options);

/// Words of the pairs in options.data; some sources are held out for validation and test. IoError, FormatError.
TranslationTask pair_task(const TaskOptions& options);

}  // namespace heed::examples
