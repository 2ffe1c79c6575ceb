// translate: trains RNNsearch (models/rnnsearch.h) and translates with it.
//
// Without --data it learns to write dates as ISO 8601 does, from examples it makes up; with --data FILE.tsv it learns
// to translate the sentences of a file. Results go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>

#include "examples/support/heatmap.h"
#include "examples/support/json_report.h"
#include "examples/support/line_chart.h"
#include "examples/support/translation_task.h"
#include "examples/support/translator.h"
#include "examples/support/write_file.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/train/bleu.h"
#include "heed/nn/train/progress.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/parallel.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

struct Options : TaskOptions {
  std::string out = "out", json, progress = "auto";
  std::vector<std::string> texts;  // to translate; none: lines of standard input
  int threads = 0;
  std::int64_t beam = 3;
};

fs::path model_file(const Options& options) { return fs::path(options.out) / "model.safetensors"; }

Variable batch_loss(const models::RnnSearch& model, const TrainingBatch& batch) {
  return cross_entropy(model.forward(batch.source, batch.given).logits, batch.wanted, batch.weights);
}

double validation_loss(const Translator& translator, const std::vector<Example>& examples) {
  const NoGrad no_gradients;
  double loss = 0, tokens = 0;
  for (std::size_t begin = 0; begin < examples.size(); begin += 64) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = begin; i < std::min(examples.size(), begin + 64); ++i)
      rows.push_back(static_cast<std::int64_t>(i));
    const TrainingBatch batch = translator.codec.batch(examples, rows);
    loss += batch_loss(translator.model, batch).item() * static_cast<double>(batch.tokens);
    tokens += static_cast<double>(batch.tokens);
  }
  return loss / tokens;
}

struct History {
  Series train{"training", {}}, valid{"validation", {}};
  double best_loss = INFINITY, seconds = 0;
  std::int64_t tokens = 0;
};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

History train(TranslationTask& task, const Options& options) {
  History history;
  Translator& translator = task.translator;
  models::RnnSearch best = translator.model;
  const std::vector<Variable> parameters = nn::parameters(translator.model);
  nn::Adam adam(parameters, {.learning_rate = task.learning_rate});
  const std::map<std::string, nn::ProgressMode> modes{
      {"auto", nn::ProgressMode::automatic}, {"on", nn::ProgressMode::on}, {"off", nn::ProgressMode::off}};
  nn::ProgressBar progress(std::cerr, {.label = "training",
                                       .total = task.steps,
                                       .mode = modes.at(options.progress),
                                       .terminal = nn::inspect_terminal(2)});
  const double start = now();
  for (std::int64_t step = 1; step <= task.steps; ++step) {
    const TrainingBatch batch = task.next_batch();
    // The learning rate stays for the first half, then falls in a straight line to 0.
    const double left = static_cast<double>(task.steps - step + 1) / static_cast<double>(task.steps);
    adam.config.learning_rate = task.learning_rate * std::min(1.0, 2 * left);
    adam.zero_grad();
    const Variable loss = batch_loss(translator.model, batch);
    backward(loss);
    nn::clip_grad_norm(parameters, 1);
    adam.step();
    history.tokens += batch.tokens;
    history.train.points.push_back({static_cast<double>(step), loss.item()});
    progress.tick(loss.item());
    if (step % task.steps_per_validation != 0 && step != task.steps) continue;
    const double valid = validation_loss(translator, task.validation);
    history.valid.points.push_back({static_cast<double>(step), valid});
    progress.figure("valid", valid);
    if (valid < history.best_loss) {
      history.best_loss = valid;
      best = translator.model;
      translator.save(behind_links(model_file(options)));
    }
  }
  history.seconds = now() - start;
  progress.finish();
  translator.model = std::move(best);
  if (!std::isfinite(history.best_loss)) throw Error("training diverged: the loss is not a number; try a smaller --lr");
  return history;
}

void show_alignment(const Translation& translation, const Options& options) {
  std::vector<float> flat;
  for (const std::vector<float>& row : translation.weights) flat.insert(flat.end(), row.begin(), row.end());
  const Shape shape{static_cast<std::int64_t>(translation.weights.size()),
                    static_cast<std::int64_t>(translation.source.size())};
  const Heatmap heatmap{.title = "What each output token looked at",
                        .target = translation.target,
                        .source = translation.source,
                        .weights = tensor(std::span<const float>(flat), shape)};
  std::cout << '\n' << heatmap_text(heatmap, nn::inspect_terminal(1));
  write_file(fs::path(options.out) / "alignment.svg", heatmap_svg(heatmap));
}

// The share of outputs that are right to the last character, and corpus BLEU.
struct Score {
  double exact_match = 0, bleu = 0;
};

Score score(const TranslationTask& task, const std::vector<Translation>& translations) {
  Score result;
  nn::Bleu bleu;
  double right = 0;
  const Level level = task.translator.codec.level;
  std::map<Tokens, std::vector<Tokens>> references;  // a source may have several translations: all of them count
  for (std::size_t i = 0; i < translations.size(); ++i)
    references[split(level, task.test_sources[i])].push_back(split(level, task.test_targets[i]));
  for (std::size_t i = 0; i < translations.size(); ++i) {
    right += translations[i].text == task.test_texts[i];
    bleu.add(translations[i].words(), references.at(split(level, task.test_sources[i])));
  }
  result.exact_match = right / static_cast<double>(translations.size());
  result.bleu = 100 * bleu.score();
  return result;
}

void train_and_show(const Options& options) {
  const double start = now();
  const bool dates = options.data.empty();
  TranslationTask task = dates ? date_task(options) : pair_task(options);
  std::error_code reason;
  fs::create_directories(options.out, reason);
  if (reason) throw IoError(fmt::format("{}: cannot be a folder for results: {}", options.out, reason.message()));
  for (const char* name : {"alignment.svg", "loss.svg"}) require_writable(fs::path(options.out) / name);
  require_writable(model_file(options));
  if (!is_replaced(model_file(options)))
    throw IoError(fmt::format("{}: not a regular file", model_file(options).string()));
  if (!options.json.empty()) require_writable(options.json);
  std::cout << fmt::format("{}: {} parameters, {} threads, seed {}\n", dates ? "dates" : options.data,
                           nn::parameter_count(task.translator.model), threads(), options.seed);
  if (!dates)
    std::cout << fmt::format("{} training pairs, {} held out; vocabularies of {} and {} words\n", task.training_pairs,
                             task.validation.size(), task.translator.codec.source.size(),
                             task.translator.codec.target.size());
  std::cout.flush();
  const History history = train(task, options);

  const std::vector<Translation> translations = task.translator.translate(task.test_sources, options.beam);
  const Score result = score(task, translations);
  const double speed = static_cast<double>(history.tokens) / history.seconds;
  JsonReport report{.program = "translate", .seed = options.seed, .threads = threads()};
  if (dates) {
    std::cout << fmt::format("exact match {:.3f} on {} fresh dates\n", result.exact_match, translations.size());
    report.metrics = {{"exact_match", result.exact_match}, {"valid_loss", history.best_loss}};
  } else {
    std::cout << fmt::format("validation loss {:.3f} (unigram model: {:.3f}), BLEU {:.1f} on {} held-out sentences\n",
                             history.best_loss, task.unigram_loss, result.bleu, translations.size());
    report.metrics = {{"valid_loss", history.best_loss}, {"unigram_loss", task.unigram_loss}, {"bleu", result.bleu}};
  }
  std::cout << fmt::format("training took {:.1f} s, {:.0f} target tokens per second\n\n", history.seconds, speed);
  report.metrics.insert(report.metrics.end(), {{"train_seconds", history.seconds}, {"tokens_per_second", speed}});
  for (std::size_t i = 0; i < std::min<std::size_t>(10, translations.size()); ++i) {
    const bool right = translations[i].text == task.test_texts[i];
    std::cout << fmt::format("  {:<28} -> {:<28} {}\n", nn::printable(task.test_sources[i]),
                             nn::printable(translations[i].text),
                             right ? "" : "(" + nn::printable(task.test_targets[i]) + ")");
  }
  // The first that is long enough to show something and short enough for a terminal.
  const auto fits = [](const Translation& t) {
    return t.source.size() >= 6 && t.source.size() <= 24 && !t.weights.empty();
  };
  auto shown = std::find_if(translations.begin(), translations.end(), fits);
  if (shown == translations.end()) shown = translations.begin();
  show_alignment(*shown, options);
  LineChart chart{.title = "Cross-entropy per target token", .series = {history.train, history.valid}};
  if (!dates) chart.reference = ReferenceLine{"unigram model", task.unigram_loss};
  write_file(fs::path(options.out) / "loss.svg", line_chart_svg(chart));
  std::cout << fmt::format("\nwrote {0}/model.safetensors, {0}/alignment.svg, {0}/loss.svg\n", options.out);
  report.seconds = now() - start;
  std::cout.flush();
  if (!options.json.empty()) write_json_report(options.json, report);
}

void translate_only(const Options& options) {
  const fs::path model = model_file(options);
  if (!fs::exists(model))
    throw IoError(
        fmt::format("{}: no such file; train first, or name the folder of a model with --out", model.string()));
  const Translator translator = Translator::load(model);
  const auto print = [&](const std::string& text) {
    std::cout << (text.empty() ? "" : nn::printable(translator.translate({text}, options.beam)[0].text)) << std::endl;
  };
  for (const std::string& text : options.texts) print(text);
  if (!options.texts.empty()) return;
  std::string line;
  for (std::int64_t number = 1; std::getline(std::cin, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    try {
      print(line);
    } catch (const FormatError& error) {
      throw FormatError(fmt::format("standard input:{}: {}", number, error.what()));
    }
  }
  if (std::ferror(stdin)) throw IoError(fmt::format("standard input: {}", std::strerror(errno)));
}

// Flags that would be passed over in silence.
void refuse_idle_flags(const CLI::App& app, bool translate) {
  for (const CLI::Option* option : app.get_options()) {
    const auto is = [option](std::initializer_list<const char*> names) {
      return std::any_of(names.begin(), names.end(), [&](const char* name) { return option->check_lname(name); });
    };
    const std::string name = "--" + option->get_lnames().front();
    if (option->count() == 0) continue;
    if (translate && !is({"translate", "out", "beam", "threads"}))
      throw FormatError(fmt::format("{} has no use beside --translate", name));
    if (app.count("--data") == 0 && is({"epochs", "max-pairs", "max-words", "held-out", "min-count", "vocabulary"}))
      throw FormatError(fmt::format("{} has no use without --data", name));
    if (is({"data", "out", "json"}) && option->as<std::string>().empty())
      throw FormatError(fmt::format("{}: no name", name));
  }
}

// The texts after --translate: what no flag has claimed. Values of an option they are not: CLI11 would take "[a, b]"
// apart at its comma.
std::vector<std::string> texts_of(const CLI::App& app, bool translate) {
  std::vector<std::string> texts;
  bool literal = false;  // after "--"
  for (const std::string& argument : app.remaining()) {
    const bool flag = !literal && argument.starts_with("-") && argument.size() > 1;
    if (!translate || (flag && argument != "--"))
      throw FormatError(fmt::format("unknown argument {}{}", argument,
                                    translate ? ": put -- before texts that begin with a dash" : ""));
    if (flag)
      literal = true;
    else
      texts.push_back(argument);
  }
  return texts;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Trains RNNsearch, an encoder-decoder with additive attention, and translates with it.\n"
      "Without --data it learns to write dates as ISO 8601 does."};
  app.name("translate");
  app.add_option("--data", options.data, "tab-separated sentence pairs to learn from: source, tab, target")
      ->type_name("FILE");
  app.add_option("--out", options.out, "folder for model.safetensors, alignment.svg, loss.svg")
      ->type_name("DIR")
      ->capture_default_str();
  bool translate = false;
  app.allow_extras();
  app.add_flag("--translate", translate,
               std::string("TEXT...: translate each TEXT (without one: the lines of standard input) with the model "
                           "in --out; no training"))
      ->disable_flag_override();
  app.add_option("--json", options.json, "write metrics to FILE")->type_name("FILE");
  app.add_option("--seed", options.seed, "seed of everything random")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads (default: all processors)")->check(CLI::Range(1, 64));
  app.add_flag("--quick", options.quick, "a shorter training");
  app.add_option("--steps", options.steps, "training steps (pairs: per epoch)")->check(CLI::Range(1, 100000000));
  app.add_option("--epochs", options.epochs, "passes over the pairs (default 10)")->check(CLI::Range(1, 1000000));
  app.add_option("--batch", options.batch, "examples per step")->check(CLI::Range(1, 65536))->capture_default_str();
  app.add_option("--lr", options.learning_rate, "learning rate of Adam (default 0.005 dates, 0.002 pairs)")
      ->check(CLI::Range(1e-9, 10.0));
  app.add_option("--hidden", options.hidden, "state size (default 64 dates, 128 pairs)")->check(CLI::Range(2, 65536));
  app.add_option("--beam", options.beam, "hypotheses kept when translating; 1 is greedy")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--readout", options.readout, "which state the output layer reads")
      ->check(CLI::IsMember({"previous", "current"}))
      ->capture_default_str();
  app.add_option("--max-pairs", options.max_pairs, "use at most so many pairs, drawn at random")
      ->check(CLI::Range(1, 100000000))
      ->capture_default_str();
  app.add_option("--max-words", options.max_words, "leave out longer sentences")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--held-out", options.held_out, "pairs to measure on, at most about a tenth")
      ->check(CLI::Range(1, 10000000))
      ->capture_default_str();
  app.add_option("--min-count", options.min_count, "rarer words become <unk>")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--vocabulary", options.vocabulary, "most words per language")
      ->check(CLI::Range(5, 10000000))
      ->capture_default_str();
  app.add_option("--progress", options.progress, "progress on standard error")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    throw FormatError(error.what());
  }
  refuse_idle_flags(app, translate);
  if (!std::isfinite(options.learning_rate)) throw FormatError("--lr: not a number");
  if (options.threads > 0) set_threads(options.threads);
  options.texts = texts_of(app, translate);
  if (translate)
    translate_only(options);
  else
    train_and_show(options);
  if (!std::cout.flush()) throw IoError("standard output: cannot write");
  return 0;
}

}  // namespace
}  // namespace heed::examples

// 0 done; 2 a flag or a file that cannot be used; 1 anything else. One line on standard error says what and where.
int main(int argc, char** argv) {
  try {
    return heed::examples::run(argc, argv);
  } catch (const heed::FormatError& error) {
    std::cerr << "translate: " << error.what() << '\n';
    return 2;
  } catch (const heed::IoError& error) {
    std::cerr << "translate: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "translate: " << error.what() << '\n';
    return 1;
  }
}
