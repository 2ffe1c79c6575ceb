#include "examples/support/translation_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>

#include "examples/support/chosen_pairs.h"
#include "examples/support/fingerprint.h"
#include "heed/models/tasks/date.h"
#include "heed/nn/data/epoch_order.h"
#include "heed/nn/data/text.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, training, validation, testing, splitting };

Generator stream(const TaskOptions& options, Stream which) { return Generator(options.seed).split(which); }

using Counts = std::map<std::string, std::int64_t>;

void count(Counts& counts, const Tokens& tokens) {
  for (const std::string& token : tokens) ++counts[token];
}

// How often each token stands on either side.
struct PairCounts {
  Counts source, target;
};

PairCounts count(const std::vector<nn::SentencePair>& pairs, const Tokenizer& tokenizer) {
  PairCounts counts;
  for (const nn::SentencePair& pair : pairs) {
    count(counts.source, tokenizer.split(tokenizer.source_level, pair.source));
    count(counts.target, tokenizer.split(tokenizer.target_level, pair.target));
  }
  return counts;
}

std::vector<std::string> texts_of(const std::vector<nn::SentencePair>& pairs) {
  std::vector<std::string> texts;
  for (const nn::SentencePair& pair : pairs) texts.insert(texts.end(), {pair.source, pair.target});
  return texts;
}

Translator fresh_translator(Tokenizer tokenizer, std::int64_t hidden, const TaskOptions& options) {
  Generator generator = stream(options, initial_weights);
  const models::RnnSearchConfig config{
      .source_vocabulary = tokenizer.source.size(),
      .target_vocabulary = tokenizer.target.size(),
      .embedding = hidden / 2,
      .hidden = hidden,
      .alignment = hidden,
      .maxout = hidden / 2,
      .readout_state = options.readout == "current" ? models::ReadoutState::current : models::ReadoutState::previous,
      // The paper's 0.01 suits its thousand units; at these sizes 0.1 leaves the first plateau sooner.
      .stddev = 0.1};
  return {std::move(tokenizer), models::RnnSearch(config, generator)};
}

// "characters" when most words are letters of scripts without blanks, each a word of its own.
std::string unit(Level level, const Counts& counts) {
  if (level != Level::words) return level == Level::characters ? "characters" : "words";
  std::int64_t unspaced = 0, all = 0;
  for (const auto& [token, number] : counts) {
    all += number;
    if (nn::is_unspaced(nn::first_code_point(token).value)) unspaced += number;
  }
  return 2 * unspaced > all ? "characters" : "words";
}

double unknown_fraction(const Counts& counts, const nn::Vocabulary& vocabulary) {
  double unknown = 0, all = 0;
  for (const auto& [token, number] : counts) {
    all += static_cast<double>(number);
    if (vocabulary.id(token) == nn::Vocabulary::unk) unknown += static_cast<double>(number);
  }
  return all > 0 ? unknown / all : 0;
}

std::vector<std::int64_t> all_rows(const std::vector<Example>& examples) {
  std::vector<std::int64_t> rows(examples.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

// Pairs of about the same length in a batch.
nn::EpochOrder order_of(const std::vector<Example>& examples, const TaskOptions& options) {
  std::vector<nn::PairLength> lengths;
  for (const Example& example : examples) lengths.push_back({std::ssize(example.source), std::ssize(example.target)});
  return nn::EpochOrder(std::move(lengths), options.batch, stream(options, training));
}

// Cross-entropy of the measured targets under the tokens' frequencies in the training targets (one added to each
// count): what a model that ignores the source and the order of tokens can reach.
double unigram_loss(const std::vector<Example>& train, const std::vector<Example>& measured, std::int64_t vocabulary) {
  std::vector<double> counts(static_cast<std::size_t>(vocabulary), 1.0);
  double total = static_cast<double>(vocabulary), loss = 0, tokens = 0;
  const auto each = [](const std::vector<Example>& examples, auto&& body) {
    for (const Example& example : examples) {
      for (std::int64_t id : example.target) body(static_cast<std::size_t>(id));
      body(static_cast<std::size_t>(nn::Vocabulary::eos));
    }
  };
  each(train, [&](std::size_t id) { counts[id] += 1, total += 1; });
  each(measured, [&](std::size_t id) { loss -= std::log(counts[id] / total), tokens += 1; });
  return loss / tokens;
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
      fresh_translator({Level::characters, Level::characters, nn::Vocabulary(sources), nn::Vocabulary(targets)},
                       options.hidden ? options.hidden : 64, options)};
  const auto tokenizer = std::make_shared<const Tokenizer>(task.translator.tokenizer);
  const auto draw = [tokenizer](Generator& generator, std::int64_t number) {
    std::vector<Example> examples;
    for (std::int64_t i = 0; i < number; ++i) {
      const models::DateExample date = models::make_date(generator);
      examples.push_back(tokenizer->encode(date.source, date.target));
    }
    return examples;
  };
  const auto generator = std::make_shared<Generator>(stream(options, training));
  task.next_batch = [tokenizer, draw, batch = options.batch, generator] {
    const std::vector<Example> examples = draw(*generator, batch);
    return tokenizer->batch(examples, all_rows(examples));
  };
  task.add_position = [generator](nn::Checkpoint& run) { run.add("batches", *generator); };
  Generator fresh = stream(options, validation), test = stream(options, testing);
  task.validation = draw(fresh, 256);
  for (int i = 0; i < 1000; ++i) {
    const models::DateExample date = models::make_date(test);
    task.test_sources.push_back(date.source);
    task.test_targets.push_back(date.target);
  }
  task.steps = options.steps_for(0, options.quick ? 400 : 800);
  task.steps_per_validation = 50;
  task.unigram_loss = unigram_loss(task.validation, task.validation, tokenizer->target.size());
  task.learning_rate = options.learning_rate > 0 ? options.learning_rate : 5e-3;
  return task;
}

TranslationTask pair_task(const TaskOptions& options) {
  Generator generator = stream(options, splitting);
  ChosenPairs chosen = choose_pairs(options, generator);
  const auto kept = static_cast<std::int64_t>(chosen.pairs.size());
  const std::int64_t held_out_pairs =
      options.held_out.value_or(kept < few_pairs ? 0 : std::min<std::int64_t>(1000, kept / 10));
  if (held_out_pairs >= kept)
    throw FormatError(fmt::format("--held-out {}: {} has only {} pairs", held_out_pairs, options.data, kept));
  const nn::SentenceSplit parts = nn::split_by_source(std::move(chosen.pairs), held_out_pairs, generator);
  if (parts.train.empty())
    throw FormatError(
        fmt::format("--held-out {}: leaves none of the {} pairs in {} to train on: all pairs of one "
                    "source stay together",
                    held_out_pairs, kept, options.data));
  const bool held_out = !parts.held_out.empty();
  Fingerprint fingerprint;
  for (const auto* pairs : {&parts.train, &parts.held_out})
    for (const nn::SentencePair& pair : *pairs) fingerprint.add(pair.source), fingerprint.add(pair.target);

  Tokenizer words{.source_level = chosen.source_level, .target_level = chosen.target_level}, tokens = words;
  tokens.subwords = subword_model(options.subwords, texts_of(parts.train));
  const PairCounts word_counts = count(parts.train, words),
                   token_counts = tokens.subwords ? count(parts.train, tokens) : word_counts;
  const auto training_pairs = static_cast<std::int64_t>(parts.train.size());
  const std::int64_t min_count = options.min_count ? options.min_count : training_pairs < 2000 ? 1 : 2;
  const nn::VocabularyConfig size = tokens.subwords
                                        ? nn::VocabularyConfig{}
                                        : nn::VocabularyConfig{.min_count = min_count, .max_size = options.vocabulary};
  tokens.source = nn::Vocabulary(token_counts.source, size);
  tokens.target = nn::Vocabulary(token_counts.target, size);
  TranslationTask task{fresh_translator(std::move(tokens), options.hidden ? options.hidden : 128, options)};
  const Tokenizer& tokenizer = task.translator.tokenizer;
  std::vector<Example> train;
  for (const nn::SentencePair& pair : parts.train) train.push_back(tokenizer.encode(pair.source, pair.target));
  task.held_out = held_out;
  task.data = fingerprint.text();
  for (const nn::SentencePair& pair : held_out ? parts.held_out : parts.train) {
    task.validation.push_back(tokenizer.encode(pair.source, pair.target));
    task.test_sources.push_back(pair.source);
    task.test_targets.push_back(pair.target);
  }
  task.unigram_loss = unigram_loss(train, task.validation, tokenizer.target.size());

  task.target_unit = unit(tokenizer.target_level, word_counts.target);
  task.notes = std::move(chosen.notes);
  for (const auto& [side, level, counts] : {std::tuple("source", tokenizer.source_level, &word_counts.source),
                                            std::tuple("target", tokenizer.target_level, &word_counts.target)})
    if (level == Level::spaced_words)
      task.notes.push_back(fmt::format("the {}'s words are what stands between its blanks", side));
    else if (unit(level, *counts) == "characters")
      task.notes.push_back(fmt::format("the {}'s words are its characters: too few blanks to divide words", side));
  task.notes.push_back(fmt::format(
      "{} training pairs, {} held out; vocabularies of {} and {} {}", training_pairs, parts.held_out.size(),
      tokenizer.source.size(), tokenizer.target.size(),
      tokenizer.subwords
          ? "pieces, of " + tokenizer.subwords->summary()
          : fmt::format("words: <unk> are {:.1f} and {:.1f} % (--min-count {}, --vocabulary {})",
                        100 * unknown_fraction(token_counts.source, tokenizer.source),
                        100 * unknown_fraction(token_counts.target, tokenizer.target), min_count, options.vocabulary)));
  task.notes.push_back(held_out ? "the model that is kept has the lowest loss on the held-out pairs"
                                : "the model that is kept has the lowest loss on the training pairs, on which it is "
                                  "measured too (--held-out)");

  const std::int64_t batches = (training_pairs + options.batch - 1) / options.batch;
  const std::int64_t suited = std::clamp<std::int64_t>((1000 + batches - 1) / batches, 10, 300);
  task.steps = options.steps_for(batches, (options.quick ? suited / 5 : suited) * batches);
  task.steps_per_validation = std::max(batches, (task.steps + 49) / 50);
  task.learning_rate = options.learning_rate > 0 ? options.learning_rate : 2e-3;
  const auto order = std::make_shared<nn::EpochOrder>(order_of(train, options));
  const auto examples = std::make_shared<const std::vector<Example>>(std::move(train));
  task.next_batch = [order, examples, words = std::make_shared<const Tokenizer>(tokenizer)] {
    return words->batch(*examples, order->next());
  };
  task.add_position = [order](nn::Checkpoint& run) { run.add("batches", *order); };
  return task;
}

}  // namespace heed::examples
