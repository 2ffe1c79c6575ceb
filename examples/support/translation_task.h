// The two things the translation example can learn: dates it makes up, and the sentence pairs of a file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "examples/support/subword_options.h"
#include "examples/support/train_options.h"
#include "examples/support/translator.h"
#include "heed/nn/train/checkpoint.h"

namespace heed::examples {

/// A file of fewer pairs teaches its sentences rather than a language: they are trained on and measured on, all of
/// them.
inline constexpr std::int64_t few_pairs = 1000;

/// Longer sentences are left out unless options.max_words says otherwise: the time a step takes grows with the square
/// of the longest sentence in it.
inline constexpr std::int64_t most_words = 60;

struct TaskOptions : TrainOptions {  // 0 or nothing: what suits the task and the size of the file
  TaskOptions() { batch = 64; }

  std::int64_t hidden = 0;
  std::int64_t max_pairs = 40000, max_words = 0, min_count = 0, vocabulary = 8000;
  std::optional<std::int64_t> held_out = {};
  std::string readout = "previous";
  SubwordOptions subwords;
};

/// A fresh translator, where its batches come from, and what it is measured on.
struct TranslationTask {
  Translator translator;
  std::function<TrainingBatch()> next_batch = {};
  std::function<void(nn::Checkpoint&)> add_position = {};  ///< adds where next_batch stands, as "batches"
  std::string data = "made up";                            ///< which data: the same text for the same pairs
  std::vector<Example> validation = {};                    ///< for the validation loss
  bool held_out = true;  ///< whether training sees none of the validation and test examples
  std::vector<std::string> test_sources = {}, test_targets = {};
  std::string target_unit = "characters";  ///< what BLEU counts: "words", or "characters" where these are the words
  std::vector<std::string> notes = {};     ///< lines about the data: what was read, kept and left out, and why
  std::int64_t steps = 0, steps_per_validation = 0;
  double learning_rate = 0;
  double unigram_loss = 0;  ///< the validation loss of a model that knows nothing but how frequent each token is
};

/// Characters of dates (models/tasks/date.h); fresh ones for every batch, for validation and for the test.
TranslationTask date_task(const TaskOptions& options);

/// Words of the pairs in options.data, or pieces that both languages share (options.subwords). What options leave open
/// depends on the file:
///  * max_words: 60 for fewer than 1000 pairs; else the smallest number that keeps 98 % of them, from 10 to 60
///  * held_out: none of fewer than 1000 pairs, which are trained on and measured on; else a tenth, at most 1000. All
///    pairs of a source are on one side.
///  * min_count: 1 for fewer than 2000 training pairs, else 2
///  * epochs: as many as make 1000 steps, at least 10 and at most 300; with `quick` a fifth of them
///  * words: where ideographs are written with blanks between words, what stands between blanks; else each of them
/// IoError, FormatError.
TranslationTask pair_task(const TaskOptions& options);

}  // namespace heed::examples
