// char_rnn: a recurrent network (models/recurrent_lm.h) learns to predict the next character of a text, and writes.
//
// Results and generated text go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

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
    nn::read_lines(options.data, {}, [&](std::int64_t, std::string_view line) {
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

// Calls write(character) for each of `count` characters drawn one after the other; `prompt` is read first.
template <class Lm, class Write>
void generate(const Lm& lm, const Alphabet& alphabet, const std::string& prompt, std::int64_t count,
              const nn::SamplingConfig& sampling, Generator& generator, Write&& write) {
  const NoGrad no_gradients;
  std::vector<std::int64_t> ids = alphabet.encode(prompt);
  if (ids.empty()) ids = {0};  // the first character of the alphabet: often the end of a line
  typename Lm::State state;
  for (std::int64_t i = 0; i < count; ++i) {
    Tensor input = empty({1, static_cast<std::int64_t>(ids.size())}, DType::i64);
    std::copy(ids.begin(), ids.end(), input.mutable_data<std::int64_t>());
    auto read = lm.forward(input, state);
    state = std::move(read.final_state);
    ids = {nn::sample(select(select(read.logits.value(), 0, 0), 0, -1), sampling, generator)};
    write(alphabet[ids[0]]);
  }
}

// The first bytes of a UTF-8 text, no character cut in two.
std::string whole_characters(const std::string& text, std::size_t bytes) {
  bytes = std::min(bytes, text.size());
  while (bytes > 0 && bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

template <class Lm>
std::string sample_of(const Lm& lm, const Alphabet& alphabet, std::int64_t count, const CharRnnOptions& options) {
  std::string text = "\n";
  Generator generator = stream(options, drawn_text);
  generate(lm, alphabet, "\n", count, options.sampling, generator, [&](const std::string& one) { text += one; });
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

// Nats per character, the state carried from batch to batch.
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
  double characters = 0;  // read in training
};

// Leaves the weights of the lowest validation loss in `lm`.
template <class Lm>
Trained train(Lm& lm, nn::TokenStream text, const nn::TokenStream& held_out, std::int64_t steps,
              const Alphabet& alphabet, nn::Checkpoint run, const CharRnnOptions& options) {
  Lm best = lm;
  Generator dropout = stream(options, training_dropout);
  typename Lm::State state;
  double characters = 0;
  run.add("model", lm);
  run.add("best", best);
  run.add("text", text);
  run.add("dropout", dropout);
  run.add(
      "state", [&] { return nn::save_state(state); },
      [&](const nn::StateDict& saved) { nn::restore_state(state, saved); });
  run.add("characters", characters);
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
                          characters += static_cast<double>(batch.labels.numel());
                          return cross_entropy(read.logits, batch.labels);
                        },
                    .validation_loss = [&] { return validation_loss(lm, held_out); },
                    .better = [&](std::int64_t) { best = lm; },
                    .checkpoint = std::move(run),
                    .options = &options,
                    .sample = [&] { return shown_lines(sample_of(lm, alphabet, 120, options)); }});
  lm = std::move(best);
  return {history, characters};
}

void train_and_show(const CharRnnOptions& options) {
  const double start = now();
  const std::string text = read_text(options);
  const fs::path chart_file = fs::path(options.out) / "loss.svg";
  Alphabet alphabet(text);
  const std::vector<std::int64_t> ids = alphabet.encode(text);
  const auto split = static_cast<std::ptrdiff_t>(ids.size() / 10 * 9);  // the last tenth is held out
  if (static_cast<std::int64_t>(ids.size()) < 20 * options.batch)
    throw FormatError(fmt::format("--batch {}: {} has only {} characters, fewer than 20 for each text that is read",
                                  options.batch, options.data.empty() ? "the text" : options.data, ids.size()));
  check_output_files(options, {.check_model = CharModel::check_replaceable});
  Fingerprint fingerprint;
  fingerprint.add(text);
  nn::Checkpoint run;
  run.require("data", fingerprint.text());
  run.require("cell", options.cell);
  run.require("length", fmt::to_string(options.length));
  require_settings(run, options);
  Generator generator = stream(options, initial_weights);
  CharModel model{alphabet, make_lm(options.cell,
                                    {.vocabulary = alphabet.size(),
                                     .embedding = options.embedding,
                                     .hidden = options.hidden,
                                     .layers = options.layers,
                                     .dropout = options.dropout},
                                    generator)};
  std::visit(
      [&](auto& lm) {
        std::cout << fmt::format("{}: {} characters, {} different; {} parameters, {} threads, seed {}{}\n",
                                 options.data.empty() ? "sums" : nn::printable(options.data), ids.size(),
                                 alphabet.size(), nn::parameter_count(lm), threads(), options.seed,
                                 reproducible() ? ", reproducible with " + simd_description() : "")
                  << std::flush;
        const nn::TokenStream read({ids.begin(), ids.begin() + split}, options.batch, options.length),
            held_out({ids.begin() + split, ids.end()}, options.batch, options.length);
        const std::int64_t steps = options.steps_for(read.batches(), options.quick ? 300 : 2000);
        const Trained trained = train(lm, read, held_out, steps, alphabet, run, options);
        const std::string sample = sample_of(lm, alphabet, 2000, options);
        const std::optional<double> right = options.data.empty() ? right_sums(sample) : std::nullopt;
        const double speed = trained.characters / trained.seconds;
        std::cout << fmt::format(
                         "validation loss {:.4f} nats per character{}; {:.1f} s, {:.0f} characters per second\n",
                         trained.best_loss,
                         right ? fmt::format(", {:.0f} % of the sums it writes are right", 100 * *right) : "",
                         trained.seconds, speed)
                  << whole_characters(sample, 500) << '\n';
        model.save(behind_links(options.model()));
        write_file(chart_file, nn::line_chart_svg(
                                   {.title = "Cross-entropy per character", .series = {trained.train, trained.valid}}));
        std::cout << fmt::format("\nwrote {}, {}\n", options.model().string(), chart_file.string()) << std::flush;
        if (options.json.empty()) return;
        JsonReport report{.program = "char_rnn", .seed = options.seed};
        report.metrics = {
            {"valid_loss", trained.best_loss}, {"train_seconds", trained.seconds}, {"characters_per_second", speed}};
        if (right) report.metrics.emplace_back("right_sums", *right);
        report.seconds = now() - start;
        write_json_report(options.json, report);
      },
      model.lm);
}

void generate_only(const CharRnnOptions& options) {
  const CharModel model = CharModel::load(options.model());
  Generator generator = stream(options, drawn_text);
  model.alphabet.encode(options.prompt);  // refused before it is printed
  std::cout << options.prompt;
  std::visit(
      [&](const auto& lm) {
        generate(lm, model.alphabet, options.prompt, options.generate, options.sampling, generator,
                 [](const std::string& one) {
                   if (!(std::cout << one << std::flush)) throw IoError("standard output: cannot write");
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
