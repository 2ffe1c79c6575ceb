// translate: trains RNNsearch (models/rnnsearch.h) and translates with it.
//
// Without --data it learns to write dates as ISO 8601 does, from examples it makes up; with --data FILE.tsv it learns
// to translate the sentences of a file. Results go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>

#include "examples/support/attention_file.h"
#include "examples/support/distinct_files.h"
#include "examples/support/given_texts.h"
#include "examples/support/json_report.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/translate_options.h"
#include "examples/support/translate_training.h"
#include "examples/support/translation_task.h"
#include "examples/support/translator.h"
#include "examples/support/write_file.h"
#include "heed/nn/plot/heatmap.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/bleu.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

// What a training leaves in --out, besides the unfinished model (unfinished_name). Model and pictures of the training
// before stay as they are until this one is done.
constexpr const char *model_name = "model.safetensors", *alignment_name = "alignment.svg", *loss_name = "loss.svg";

constexpr std::size_t most_sentences = 100;  // of a page: it is read by people

// [target tokens, source tokens]
Tensor alignment(const Translation& translation) {
  std::vector<float> flat;
  for (const std::vector<float>& row : translation.weights) flat.insert(flat.end(), row.begin(), row.end());
  return tensor(std::span<const float>(flat), {static_cast<std::int64_t>(translation.weights.size()),
                                               static_cast<std::int64_t>(translation.source.size())});
}

// A step of the page: one sentence.
nn::AttentionMap attention_map(const Translation& translation, std::size_t number) {
  return {.layer = "attention",
          .group = "cross",
          .step = fmt::format("sentence {}", number),
          .queries = translation.target,
          .keys = translation.source,
          .weights = alignment(translation)};
}

// Prints the picture, and returns it as SVG.
std::string show_alignment(const Translation& translation) {
  const nn::Heatmap heatmap{.title = "What each output token looked at",
                            .target = translation.target,
                            .source = translation.source,
                            .weights = alignment(translation)};
  std::cout << '\n' << nn::heatmap_text(heatmap, nn::inspect_terminal(1));
  return nn::heatmap_svg(heatmap);
}

// Which outputs are right to the last character, how many, and corpus BLEU.
struct Score {
  std::vector<bool> right = {};
  std::int64_t exact = 0;
  double bleu = 0;
};

Score score(const TranslationTask& task, const std::vector<Translation>& translations) {
  Score result;
  nn::Bleu bleu;
  const Tokenizer& tokenizer = task.translator.tokenizer;
  std::map<Tokens, std::vector<Tokens>> references;  // a source may have several translations: all of them count
  for (std::size_t i = 0; i < translations.size(); ++i)
    references[split(tokenizer.source_level, task.test_sources[i])].push_back(
        split(tokenizer.target_level, task.test_targets[i]));
  for (std::size_t i = 0; i < translations.size(); ++i) {
    const Tokens words = tokenizer.words(translations[i]);
    const std::vector<Tokens>& right = references.at(split(tokenizer.source_level, task.test_sources[i]));
    result.right.push_back(std::find(right.begin(), right.end(), words) != right.end());
    result.exact += result.right.back();
    bleu.add(words, right);
  }
  result.bleu = 100 * bleu.score();
  return result;
}

void print_samples(const TranslationTask& task, const std::vector<Translation>& translations, const Score& score) {
  for (std::size_t i = 0; i < std::min<std::size_t>(10, translations.size()); ++i) {
    std::cout << fmt::format("  {:<28} -> {:<28} {}\n", nn::printable(task.test_sources[i]),
                             nn::printable(translations[i].text),
                             score.right[i] ? "" : "(" + nn::printable(task.test_targets[i]) + ")");
  }
}

// The first that is long enough to show something and short enough for a terminal.
const Translation& worth_showing(const std::vector<Translation>& translations) {
  const auto fits = [](const Translation& t) {
    return t.source.size() >= 6 && t.source.size() <= 24 && !t.weights.empty();
  };
  const auto found = std::find_if(translations.begin(), translations.end(), fits);
  return found == translations.end() ? translations.front() : *found;
}

void train_and_show(const TranslateOptions& options) {
  const double start = now();
  const bool dates = options.data.empty();
  TranslationTask task = dates ? date_task(options) : pair_task(options);
  check_output_files(options, {.subword_model = options.subwords.model,
                               .attention = options.attention,
                               .models = {model_name, unfinished_name},
                               .pictures = {alignment_name, loss_name},
                               .check_model = Translator::check_replaceable});
  const fs::path unfinished = options.in_out(unfinished_name);
  const bool was_stopped = fs::exists(unfinished);
  std::cout << fmt::format("{}: {} parameters, {} threads, seed {}{}\n", dates ? "dates" : nn::printable(options.data),
                           nn::parameter_count(task.translator.model), threads(), options.seed,
                           reproducible() ? ", reproducible with " + simd_description() : "");
  for (const std::string& note : task.notes) std::cout << note << '\n';
  if (was_stopped)
    std::cout << fmt::format(
        "{} of a training that was stopped will be replaced; to keep it, stop this and rename it\n",
        nn::printable(unfinished.string()));
  std::cout.flush();
  const TranslateHistory history = train(task, options);

  const std::vector<Translation> translations = task.translator.translate(task.test_sources, options.beam);
  const Score result = score(task, translations);
  const double speed = static_cast<double>(history.tokens) / history.seconds,
               exact_match = static_cast<double>(result.exact) / static_cast<double>(translations.size());
  JsonReport report{.program = "translate", .seed = options.seed};
  report.metrics = {{task.held_out ? "valid_loss" : "train_loss", history.best_loss},
                    {"unigram_loss", task.unigram_loss},
                    {"exact_match", exact_match}};
  if (dates) {
    std::cout << fmt::format("exact match {:.3f} on {} fresh dates\n", exact_match, translations.size());
  } else {
    std::cout << fmt::format(
        "{} loss {:.3f} (unigram model: {:.3f}); {} of {} {} sentences come out exactly, BLEU "
        "{:.1f} ({})\n",
        task.held_out ? "validation" : "training", history.best_loss, task.unigram_loss, result.exact,
        translations.size(), task.held_out ? "held-out" : "training", result.bleu, task.target_unit);
    report.metrics.emplace_back("bleu", result.bleu);
  }
  std::cout << fmt::format("training took {:.1f} s, {:.0f} target tokens per second\n\n", history.seconds, speed);
  report.metrics.insert(report.metrics.end(), {{"train_seconds", history.seconds}, {"tokens_per_second", speed}});
  print_samples(task, translations, result);
  const std::string alignment = show_alignment(worth_showing(translations));
  nn::LineChart chart{.title = "Cross-entropy per target token", .series = {history.train, history.valid}};
  if (!dates) chart.reference = nn::ReferenceLine{"unigram model", task.unigram_loss};
  const std::string losses = nn::line_chart_svg(chart);

  // Without the old pictures first: who stops this finds an old model, or a new one without pictures.
  std::error_code ignored;
  for (const char* name : {alignment_name, loss_name})
    if (is_replaced(options.in_out(name))) fs::remove(behind_links(options.in_out(name)), ignored);
  task.translator.save(behind_links(options.in_out(model_name)));
  fs::remove(options.in_out(unfinished_name), ignored);
  write_file(options.in_out(alignment_name), alignment);
  write_file(options.in_out(loss_name), losses);
  std::cout << fmt::format("\nwrote {0}/{1}, {0}/{2}, {0}/{3}\n", options.out, model_name, alignment_name, loss_name);
  nn::AttentionPage page{.title = "What each output token looked at"};
  for (std::size_t i = 0; i < std::min<std::size_t>(10, translations.size()); ++i)
    page.maps.push_back(attention_map(translations[i], i + 1));
  write_attention_file(options.attention, page, std::cout);
  report.seconds = now() - start;
  std::cout.flush();
  if (!options.json.empty()) write_json_report(options.json, report);
}

void translate_only(const TranslateOptions& options) {
  const fs::path model = options.in_out(model_name);
  std::error_code reason;
  const bool exists = fs::exists(model, reason);
  if (reason) throw IoError(fmt::format("{}: cannot read: {}", model.string(), reason.message()));
  if (!exists)
    throw IoError(
        fmt::format("{}: no such file; train first, or name the folder of a model with --out", model.string()));
  std::vector<NamedFile> outputs;
  list_attention_file(options.attention, outputs);
  check_distinct({{"model.safetensors of --out " + options.out, model}}, outputs);
  for (const NamedFile& output : outputs) check_writable(output.path);
  check_attention_file(options.attention);
  const Translator translator = Translator::load(model);
  nn::AttentionPage page{.title = "What each output token looked at"};
  std::size_t sentences = 0;
  answer_texts(options.texts, [&](const std::string& text) {
    if (text.empty()) return std::string();
    ++sentences;
    const Translation found = translator.translate({text}, options.beam)[0];
    if (!options.attention.empty() && page.maps.size() < most_sentences)
      page.maps.push_back(attention_map(found, page.maps.size() + 1));
    return nn::printable(found.text);
  });
  if (sentences > most_sentences)
    page.title += fmt::format(", the first {} of {} sentences", most_sentences, sentences);
  write_attention_file(options.attention, page, std::cerr);  // translations alone are on standard output
}

void run(int argc, char** argv) {
  const std::optional<TranslateOptions> options = parse_translate_options(argc, argv);
  if (options) {
    run_with(*options,
             options->translate ? "--beam or a shorter text" : "--hidden, --batch, --max-words or --vocabulary",
             [&] { options->translate ? translate_only(*options) : train_and_show(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("translate", heed::examples::run, argc, argv); }
