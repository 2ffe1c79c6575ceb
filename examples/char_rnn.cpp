// char_rnn: a recurrent network (models/recurrent_lm.h) learns to predict the next character of a text, or the next
// piece of a word, and writes.
//
// Results and generated text go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "examples/support/char_model.h"
#include "examples/support/char_rnn_options.h"
#include "examples/support/fingerprint.h"
#include "examples/support/json_report.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/training.h"
#include "examples/support/write_file.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/sums.h"
#include "heed/nn/data/lines.h"
#include "heed/nn/data/token_stream.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, made_up_text, training_dropout, drawn_text };

Generator stream(const CharRnnOptions& options, Stream which) { return Generator(options.seed).split(which); }

std::string read_text(const CharRnnOptions& options) {
  std::string text;
  if (options.data.empty()) {
    Generator generator = stream(options, made_up_text);
    for (int i = 0; i < 10'000; ++i) text += models::make_sum(generator) + "\n";
  } else {
    nn::read_lines(options.data, {.take_pages = true}, [&](std::int64_t, std::string_view line) {
      text.append(line).push_back('\n');
      return true;
    });
  }
  return text;
}

// Of generated lines that are sums, the fraction that is right; nothing when there is none.
std::optional<double> right_sums(const std::string& text) {
  std::map<std::string, std::string> sums;
  for (std::int64_t a = 0; a <= 20; ++a)
    for (std::int64_t b = 0; b <= 20; ++b)
      sums[models::number_in_words(a) + " plus " + models::number_in_words(b) + " is"] =
          models::number_in_words(a + b) + ".";
  double right = 0, all = 0;
  for (std::size_t begin = text.find('\n'); begin != text.npos; begin = text.find('\n', begin + 1)) {
    const std::size_t end = text.find('\n', begin + 1);
    if (end == text.npos) break;
    const std::string line = text.substr(begin + 1, end - begin - 1);
    const std::size_t is = line.rfind(' ');
    const auto found = sums.find(line.substr(0, is == line.npos ? 0 : is));
    all += 1;
    right += found != sums.end() && found->second == line.substr(is + 1);
  }
  return all > 0 ? std::optional(right / all) : std::nullopt;
}

// Calls write(text) for each of `count` tokens drawn one after the other; `prompt` is read first.
template <class Lm, class Write>
void generate(const Lm& lm, const LmTokens& tokens, const std::string& prompt, std::int64_t count,
              const nn::SamplingConfig& sampling, Generator& generator, Write&& write) {
  const NoGrad no_gradients;
  std::vector<std::int64_t> ids = tokens.encode(prompt);
  bool begins_line = prompt.empty() || prompt.back() == '\n';
  if (ids.empty()) ids = {tokens.beginning()};
  typename Lm::State state;
  for (std::int64_t i = 0; i < count; ++i) {
    Tensor input = empty({1, static_cast<std::int64_t>(ids.size())}, DType::i64);
    std::copy(ids.begin(), ids.end(), input.mutable_data<std::int64_t>());
    auto read = lm.forward(input, state);
    state = std::move(read.final_state);
    ids = {nn::sample(select(select(read.logits.value(), 0, 0), 0, -1), sampling, generator)};
    const std::string text = tokens.text_of(ids[0], begins_line);
    begins_line = text == "\n";
    write(text);
  }
}

// Whether a byte of UTF-8 is the first of its character.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// The first bytes of a UTF-8 text, no character cut in two.
std::string whole_characters(const std::string& text, std::size_t bytes) {
  bytes = std::min(bytes, text.size());
  while (bytes > 0 && bytes < text.size() && !begins_character(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

template <class Lm>
std::string sample_of(const Lm& lm, const LmTokens& tokens, std::int64_t count, const CharRnnOptions& options) {
  std::string text = "\n";
  Generator generator = stream(options, drawn_text);
  generate(lm, tokens, "\n", count, options.sampling, generator, [&](const std::string& one) { text += one; });
  return text;
}

// For a terminal: what the text says to it is shown, not done.
std::string shown_lines(const std::string& text) {
  std::string shown;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    shown += nn::printable(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return shown;
}

// Nats per token, the state carried from batch to batch.
template <class Lm>
double validation_loss(const Lm& lm, nn::TokenStream text) {
  const NoGrad no_gradients;
  double loss = 0, tokens = 0;
  typename Lm::State state;
  for (std::int64_t i = 0; i < text.batches(); ++i) {
    const nn::TokenStream::Batch batch = text.next();
    auto read = lm.forward(batch.inputs, state);
    state = std::move(read.final_state);
    const auto count = static_cast<double>(batch.labels.numel());
    loss += cross_entropy(read.logits, batch.labels).item() * count;
    tokens += count;
  }
  return loss / tokens;
}

struct Trained : TrainingHistory {
  double tokens = 0;  // read in training
};

// Leaves the weights of the lowest validation loss in `lm`.
template <class Lm>
Trained train(Lm& lm, nn::TokenStream text, const nn::TokenStream& held_out, std::int64_t steps, const LmTokens& known,
              nn::Checkpoint run, const CharRnnOptions& options) {
  Lm best = lm;
  Generator dropout = stream(options, training_dropout);
  typename Lm::State state;
  double tokens = 0;
  run.add("model", lm);
  run.add("best", best);
  run.add("text", text);
  run.add("dropout", dropout);
  run.add(
      "state", [&] { return nn::save_state(state); },
      [&](const nn::StateDict& saved) {
        nn::restore_state(state, saved, {options.layers, options.batch, options.hidden}, DType::f32);
      });
  run.add("tokens", tokens);
  const TrainingHistory history =
      run_training({.parameters = nn::named_parameters(lm),
                    .steps = steps,
                    .steps_per_validation = std::max<std::int64_t>(1, steps / 10),
                    .learning_rate = options.learning_rate,
                    .next_loss =
                        [&] {
                          const nn::TokenStream::Batch batch = text.next();
                          if (batch.first) state = {};
                          auto read = lm.forward(batch.inputs, state, options.dropout > 0 ? &dropout : nullptr);
                          state = nn::detach_state(read.final_state);
                          tokens += static_cast<double>(batch.labels.numel());
                          return cross_entropy(read.logits, batch.labels);
                        },
                    .validation_loss = [&] { return validation_loss(lm, held_out); },
                    .better = [&](std::int64_t) { best = lm; },
                    .checkpoint = std::move(run),
                    .options = &options,
                    .sample = [&] { return shown_lines(sample_of(lm, known, 120, options)); }});
  lm = std::move(best);
  return {history, tokens};
}

// A text as tokens: nine tenths to learn from, and the last tenth of its characters.
struct TokenText {
  LmTokens tokens;
  std::vector<std::int64_t> read = {}, held_out = {};
  double held_out_characters = 0;

  std::int64_t size() const { return std::ssize(read) + std::ssize(held_out); }

  // How many tokens stand for characters that the pieces do not have.
  std::int64_t unknown() const {
    if (!tokens.subwords()) return 0;
    const std::int64_t id = tokens.subwords()->unknown();
    return std::count(read.begin(), read.end(), id) + std::count(held_out.begin(), held_out.end(), id);
  }

  // Nats per character of a model that has so many per token.
  double per_character(double loss) const { return loss * static_cast<double>(held_out.size()) / held_out_characters; }
};

// Pieces are learned from what is read, and from one of each character that is held out.
LmTokens tokens_for(const SubwordOptions& options, const Alphabet& alphabet, const std::string& read) {
  std::vector<std::string> lines = alphabet.characters();
  std::erase(lines, "\n");
  std::istringstream text(read);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  if (auto subwords = subword_model(options, lines)) return {*std::move(subwords)};
  return {alphabet};
}

TokenText tokenize(const std::string& text, const CharRnnOptions& options) {
  const Alphabet alphabet(text);
  const std::int64_t characters = std::count_if(text.begin(), text.end(), begins_character), read = characters / 10 * 9;
  std::size_t split = 0;
  for (std::int64_t i = 0; split < text.size() && (i += begins_character(text[split])) <= read;) ++split;
  TokenText result{.tokens = tokens_for(options.subwords, alphabet, text.substr(0, split))};
  result.read = result.tokens.encode(std::string_view(text).substr(0, split));
  result.held_out = result.tokens.encode(std::string_view(text).substr(split));
  result.held_out_characters = static_cast<double>(characters - read);
  return result;
}

nn::Checkpoint checkpoint_of(const std::string& text, const LmTokens& tokens, const CharRnnOptions& options) {
  Fingerprint fingerprint;
  fingerprint.add(text);
  nn::Checkpoint run;
  require_settings(run, options);
  run.require("cell", options.cell);
  run.require("length", fmt::to_string(options.length));
  run.require("data", fingerprint.text());
  require_subwords(run, tokens.subwords());
  return run;
}

template <class Lm>
void train_and_show(Lm& lm, const CharModel& model, const TokenText& text, nn::Checkpoint run, double start,
                    const CharRnnOptions& options) {
  const fs::path chart_file = fs::path(options.out) / "loss.svg";
  const LmTokens& tokens = text.tokens;
  const char* const unit = tokens.unit();
  std::cout << fmt::format("{}: {} {}, {} different{}; {} parameters, {} threads, seed {}{}\n",
                           options.data.empty() ? "sums" : nn::printable(options.data), text.size(), unit,
                           tokens.size(), text.unknown() > 0 ? fmt::format(", {} of them <unk>", text.unknown()) : "",
                           nn::parameter_count(lm), threads(), options.seed,
                           reproducible() ? ", reproducible with " + simd_description() : "")
            << std::flush;
  const nn::TokenStream read(text.read, options.batch, options.length),
      held_out(text.held_out, options.batch, options.length);
  const std::int64_t steps = options.steps_for(read.batches(), options.quick ? 300 : 2000);
  const Trained trained = train(lm, read, held_out, steps, tokens, std::move(run), options);
  const std::string sample = sample_of(lm, tokens, 2000, options);
  const std::optional<double> right = options.data.empty() ? right_sums(sample) : std::nullopt;
  const double speed = trained.tokens / trained.seconds, loss = text.per_character(trained.best_loss);
  std::cout << fmt::format("validation loss {:.4f} nats per character{}{}; {:.1f} s, {:.0f} {} per second\n", loss,
                           tokens.subwords() ? fmt::format(", {:.4f} per piece", trained.best_loss) : "",
                           right ? fmt::format(", {:.0f} % of the sums it writes are right", 100 * *right) : "",
                           trained.seconds, speed, unit)
            << whole_characters(sample, 500) << '\n';
  model.save(behind_links(options.model()));
  write_file(chart_file, nn::line_chart_svg(
                             {.title = fmt::format("Cross-entropy per {}", tokens.subwords() ? "piece" : "character"),
                              .series = {trained.train, trained.valid}}));
  std::cout << fmt::format("\nwrote {}, {}\n", options.model().string(), chart_file.string()) << std::flush;
  if (options.json.empty()) return;
  JsonReport report{.program = "char_rnn", .seed = options.seed};
  report.metrics = {
      {"valid_loss", loss}, {"train_seconds", trained.seconds}, {fmt::format("{}_per_second", unit), speed}};
  if (tokens.subwords()) report.metrics.emplace_back("valid_loss_per_piece", trained.best_loss);
  if (right) report.metrics.emplace_back("right_sums", *right);
  report.seconds = now() - start;
  write_json_report(options.json, report);
}

void train_and_show(const CharRnnOptions& options) {
  const double start = now();
  const std::string text = read_text(options);
  const TokenText tokens = tokenize(text, options);
  if (tokens.size() < 20 * options.batch)
    throw FormatError(fmt::format("--batch {}: {} has only {} {}, fewer than 20 for each text that is read",
                                  options.batch, options.data.empty() ? "the text" : options.data, tokens.size(),
                                  tokens.tokens.unit()));
  check_output_files(options, {.subword_model = options.subwords.model, .check_model = CharModel::check_replaceable});
  Generator generator = stream(options, initial_weights);
  CharModel model{tokens.tokens, make_lm(options.cell,
                                         {.vocabulary = tokens.tokens.size(),
                                          .embedding = options.embedding,
                                          .hidden = options.hidden,
                                          .layers = options.layers,
                                          .dropout = options.dropout},
                                         generator)};
  nn::Checkpoint run = checkpoint_of(text, tokens.tokens, options);
  std::visit([&](auto& lm) { train_and_show(lm, model, tokens, std::move(run), start, options); }, model.lm);
}

void generate_only(const CharRnnOptions& options) {
  const CharModel model = CharModel::load(options.model());
  Generator generator = stream(options, drawn_text);
  model.tokens.check_known(options.prompt);  // refused before it is printed
  std::cout << options.prompt;
  std::visit(
      [&](const auto& lm) {
        generate(lm, model.tokens, options.prompt, options.generate, options.sampling, generator,
                 [](const std::string& text) {
                   if (!(std::cout << text << std::flush)) throw IoError("standard output: cannot write");
                 });
      },
      model.lm);
  std::cout << std::endl;
}

void run(int argc, char** argv) {
  const std::optional<CharRnnOptions> options = parse_char_rnn_options(argc, argv);
  if (options) {
    run_with(*options, "--hidden, --batch or --length",
             [&] { options->generate > 0 ? generate_only(*options) : train_and_show(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("char_rnn", heed::examples::run, argc, argv); }
