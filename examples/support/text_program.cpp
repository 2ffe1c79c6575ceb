#include "examples/support/text_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "examples/support/fingerprint.h"
#include "examples/support/json_report.h"
#include "examples/support/program.h"
#include "examples/support/write_file.h"
#include "heed/models/tasks/sums.h"
#include "heed/nn/data/lines.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

// Calls write(text) for each of `count` tokens drawn one after the other; `prompt` is read first.
template <class Write>
void draw_text(const LmTokens& tokens, const DrawTokens& draw, const std::string& prompt, std::int64_t count,
               const WritingOptions& options, Write&& write) {
  Generator generator = stream(options, TextStream::drawn_text);
  std::vector<std::int64_t> ids = tokens.encode(prompt);
  bool begins_line = prompt.empty() || prompt.back() == '\n';
  if (ids.empty()) ids = {tokens.beginning()};
  draw(ids, count, options.sampling, generator, [&](std::int64_t id) {
    const std::string text = tokens.text_of(id, begins_line);
    begins_line = text == "\n";
    write(text);
  });
}

std::string sample_of(const LmTokens& tokens, const DrawTokens& draw, std::int64_t count,
                      const WritingOptions& options) {
  std::string text = "\n";
  draw_text(tokens, draw, "\n", count, options, [&](const std::string& piece) { text += piece; });
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

}  // namespace

Generator stream(const RunOptions& options, TextStream which) {
  return Generator(options.seed).split(static_cast<std::uint64_t>(which));
}

std::string read_text(const TrainOptions& options) {
  std::string text;
  if (options.data.empty()) {
    Generator generator = stream(options, TextStream::made_up_text);
    for (int i = 0; i < 10'000; ++i) text += models::make_sum(generator) + "\n";
  } else {
    nn::read_lines(options.data, {.take_pages = true}, [&](std::int64_t, std::string_view line) {
      text.append(line).push_back('\n');
      return true;
    });
  }
  return text;
}

void check_text_length(const TokenText& text, const WritingOptions& options) {
  if (text.size() < 20 * options.batch || std::ssize(text.held_out) < 2 * options.batch)
    throw FormatError(fmt::format(
        "--batch {}: {} has only {} {}, {} of them held out: fewer than 20 and 2 for each text that is read",
        options.batch, options.data.empty() ? "the text" : options.data, text.size(), text.tokens.unit(),
        text.held_out.size()));
}

void require_text(nn::Checkpoint& run, const std::string& text, const LmTokens& tokens) {
  Fingerprint fingerprint;
  fingerprint.add(text);
  run.require("data", fingerprint.text());
  require_subwords(run, tokens.subwords());
}

void train_and_show(const TextLm& lm, const TokenText& text, const WritingOptions& options, double start) {
  const fs::path chart_file = options.in_out("loss.svg");
  const LmTokens& tokens = text.tokens;
  const char* const unit = tokens.unit();
  std::cout << fmt::format("{}: {} {}, {} different{}; {} parameters, {} threads, seed {}{}\n",
                           options.data.empty() ? "sums" : nn::printable(options.data), text.size(), unit,
                           tokens.size(), text.unknown() > 0 ? fmt::format(", {} of them <unk>", text.unknown()) : "",
                           lm.parameters, threads(), options.seed,
                           reproducible() ? ", reproducible with " + simd_description() : "")
            << std::flush;
  const TextTraining trained = lm.train([&] { return shown_lines(sample_of(tokens, lm.draw, 120, options)); });
  const std::string sample = sample_of(tokens, lm.draw, 2000, options);
  const std::optional<double> right = options.data.empty() ? models::right_sums(sample) : std::nullopt;
  const double speed = trained.tokens / trained.seconds, loss = text.per_character(trained.best_loss);
  std::cout << fmt::format("validation loss {:.4f} nats per character{}{}; {:.1f} s, {:.0f} {} per second\n", loss,
                           tokens.subwords() ? fmt::format(", {:.4f} per piece", trained.best_loss) : "",
                           right ? fmt::format(", {:.0f} % of the sums it writes are right", 100 * *right) : "",
                           trained.seconds, speed, unit)
            << whole_characters(sample, 500) << '\n';
  lm.save(behind_links(options.model()));
  write_file(chart_file, nn::line_chart_svg(
                             {.title = fmt::format("Cross-entropy per {}", tokens.subwords() ? "piece" : "character"),
                              .series = {trained.train, trained.valid}}));
  std::cout << fmt::format("\nwrote {}, {}\n", options.model().string(), chart_file.string()) << std::flush;
  if (options.json.empty()) return;
  JsonReport report{.program = options.program, .seed = options.seed};
  report.metrics = {
      {"valid_loss", loss}, {"train_seconds", trained.seconds}, {fmt::format("{}_per_second", unit), speed}};
  if (tokens.subwords()) report.metrics.emplace_back("valid_loss_per_piece", trained.best_loss);
  if (right) report.metrics.emplace_back("right_sums", *right);
  report.seconds = now() - start;
  write_json_report(options.json, report);
}

void write_text(const LmTokens& tokens, const DrawTokens& draw, const WritingOptions& options) {
  tokens.check_known(options.prompt);  // refused before it is printed
  std::cout << options.prompt;
  draw_text(tokens, draw, options.prompt, options.generate, options, [](const std::string& text) {
    if (!(std::cout << text << std::flush)) throw IoError("standard output: cannot write");
  });
  std::cout << std::endl;
}

}  // namespace heed::examples
