#include "examples/support/translation_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>

#include "heed/models/tasks/date.h"
#include "heed/nn/data/batches.h"
#include "heed/nn/data/sentence_pairs.h"
#include "heed/nn/data/text.h"

namespace heed::examples {
namespace {

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, training, validation, testing, splitting };

Generator stream(const TaskOptions& options, Stream which) { return Generator(options.seed).split(which); }

using Counts = std::map<std::string, std::int64_t>;

void count(Counts& counts, const Tokens& tokens) {
  for (const std::string& token : tokens) ++counts[token];
}

Translator fresh_translator(Level level, const Counts& source_counts, const Counts& target_counts,
                            const nn::VocabularyConfig& size, std::int64_t hidden, const TaskOptions& options) {
  const nn::Vocabulary source(source_counts, size), target(target_counts, size);
  Generator generator = stream(options, initial_weights);
  const models::RnnSearchConfig config{
      .source_vocabulary = source.size(),
      .target_vocabulary = target.size(),
      .embedding = hidden / 2,
      .hidden = hidden,
      .alignment = hidden,
      .maxout = hidden / 2,
      .readout_state = options.readout == "current" ? models::ReadoutState::current : models::ReadoutState::previous,
      // The paper's 0.01 suits its thousand units; at these sizes 0.1 leaves the first plateau sooner.
      .deviation = 0.1};
  return {{level, source, target}, models::RnnSearch(config, generator)};
}

std::vector<std::int64_t> all_rows(const std::vector<Example>& examples) {
  std::vector<std::int64_t> rows(examples.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

// Endless epochs over the training pairs.
class EpochBatches {
 public:
  EpochBatches(Codec codec, std::vector<Example> examples, std::int64_t batch, Generator generator)
      : codec_(std::move(codec)), examples_(std::move(examples)), batch_(batch), generator_(generator) {
    for (const Example& example : examples_)
      lengths_.push_back(
          {static_cast<std::int64_t>(example.source.size()), static_cast<std::int64_t>(example.target.size())});
  }
  TrainingBatch next() {
    if (at_ == batches_.size()) {
      batches_ = nn::make_batches(lengths_, batch_, generator_);
      at_ = 0;
    }
    return codec_.batch(examples_, batches_[at_++]);
  }

 private:
  Codec codec_;
  std::vector<Example> examples_;
  std::vector<nn::PairLength> lengths_;
  std::int64_t batch_;
  Generator generator_;
  std::vector<std::vector<std::int64_t>> batches_;
  std::size_t at_ = 0;
};

// Cross-entropy of the validation targets under the words' frequencies in the training targets (one added to each
// count): what a model that ignores the source and the order of words can reach.
double unigram_loss(const std::vector<Example>& train, const std::vector<Example>& held_out, std::int64_t vocabulary) {
  std::vector<double> counts(static_cast<std::size_t>(vocabulary), 1.0);
  double total = static_cast<double>(vocabulary), loss = 0, tokens = 0;
  const auto each = [](const std::vector<Example>& examples, auto&& body) {
    for (const Example& example : examples) {
      for (std::int64_t id : example.target) body(static_cast<std::size_t>(id));
      body(static_cast<std::size_t>(nn::Vocabulary::eos));
    }
  };
  each(train, [&](std::size_t id) { counts[id] += 1, total += 1; });
  each(held_out, [&](std::size_t id) { loss -= std::log(counts[id] / total), tokens += 1; });
  return loss / tokens;
}

std::vector<nn::SentencePair> chosen_pairs(const TaskOptions& options, Generator& generator) {
  std::vector<nn::SentencePair> pairs = nn::read_sentence_pairs(options.data);
  const auto length = [](const std::string& text) { return static_cast<std::int64_t>(nn::words(text).size()); };
  std::erase_if(pairs, [&](const nn::SentencePair& pair) {
    return length(pair.source) > options.max_words || length(pair.target) > options.max_words;
  });
  const auto found = static_cast<std::int64_t>(pairs.size());
  if (found <= options.max_pairs) return pairs;
  std::vector<nn::SentencePair> chosen;
  std::vector<std::int64_t> order = permutation(generator, found);
  order.resize(static_cast<std::size_t>(options.max_pairs));
  for (std::int64_t row : order) chosen.push_back(std::move(pairs[static_cast<std::size_t>(row)]));
  return chosen;
}

}  // namespace

TranslationTask date_task(const TaskOptions& options) {
  Counts sources, targets;
  Generator sampler(0);  // the alphabet does not depend on the seed
  for (int i = 0; i < 10000; ++i) {
    const models::DateExample date = models::make_date(sampler);
    count(sources, split(Level::characters, date.source));
    count(targets, split(Level::characters, date.target));
  }
  TranslationTask task{
      fresh_translator(Level::characters, sources, targets, {}, options.hidden ? options.hidden : 64, options)};
  const auto codec = std::make_shared<const Codec>(task.translator.codec);
  const auto draw = [codec](Generator& generator, std::int64_t number) {
    std::vector<Example> examples;
    for (std::int64_t i = 0; i < number; ++i) {
      const models::DateExample date = models::make_date(generator);
      examples.push_back(codec->encode(date.source, date.target));
    }
    return examples;
  };
  task.next_batch = [codec, draw, batch = options.batch, generator = stream(options, training)]() mutable {
    const std::vector<Example> examples = draw(generator, batch);
    return codec->batch(examples, all_rows(examples));
  };
  Generator fresh = stream(options, validation), test = stream(options, testing);
  task.validation = draw(fresh, 256);
  for (int i = 0; i < 1000; ++i) {
    const models::DateExample date = models::make_date(test);
    task.test_sources.push_back(date.source);
    task.test_targets.push_back(date.target);
    task.test_texts.push_back(date.target);
  }
  const std::int64_t steps = options.steps ? options.steps : options.quick ? 400 : 800;
  task.steps = steps;
  task.steps_per_validation = 50;
  task.learning_rate = options.learning_rate > 0 ? options.learning_rate : 5e-3;
  return task;
}

TranslationTask pair_task(const TaskOptions& options) {
  Generator generator = stream(options, splitting);
  std::vector<nn::SentencePair> pairs = chosen_pairs(options, generator);
  const auto found = static_cast<std::int64_t>(pairs.size());
  if (found < 10)
    throw FormatError(fmt::format("{}: at least 10 pairs of at most {} words on either side are needed, {} found",
                                  options.data, options.max_words, found));
  const nn::SentenceSplit parts =
      nn::split_by_source(std::move(pairs), std::min(options.held_out, found / 10), generator);
  if (parts.train.empty() || parts.held_out.empty())
    throw FormatError(
        fmt::format("{}: {} pairs of at most {} words on either side cannot be divided: about one in ten is "
                    "held out, and all pairs of one source stay together",
                    options.data, found, options.max_words));
  Counts sources, targets;
  for (const nn::SentencePair& pair : parts.train) {
    count(sources, nn::words(pair.source));
    count(targets, nn::words(pair.target));
  }
  TranslationTask task{fresh_translator(Level::words, sources, targets,
                                        {.min_count = options.min_count, .max_size = options.vocabulary},
                                        options.hidden ? options.hidden : 128, options)};
  const Codec& codec = task.translator.codec;
  std::vector<Example> train;
  for (const nn::SentencePair& pair : parts.train) train.push_back(codec.encode(pair.source, pair.target));
  for (const nn::SentencePair& pair : parts.held_out) {
    task.validation.push_back(codec.encode(pair.source, pair.target));
    task.test_sources.push_back(pair.source);
    task.test_targets.push_back(pair.target);
    task.test_texts.push_back(join(Level::words, nn::words(pair.target)));
  }
  task.training_pairs = static_cast<std::int64_t>(train.size());
  task.unigram_loss = unigram_loss(train, task.validation, codec.target.size());
  const std::int64_t batches = (task.training_pairs + options.batch - 1) / options.batch;
  task.steps_per_validation = options.steps ? std::min(options.steps, batches) : batches;
  task.steps = (options.epochs ? options.epochs : options.quick ? 2 : 10) * task.steps_per_validation;
  task.learning_rate = options.learning_rate > 0 ? options.learning_rate : 2e-3;
  const auto epochs = std::make_shared<EpochBatches>(codec, std::move(train), options.batch, stream(options, training));
  task.next_batch = [epochs] { return epochs->next(); };
  return task;
}

}  // namespace heed::examples
