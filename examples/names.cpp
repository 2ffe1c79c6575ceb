// names: a language model, from counting to LSTM, learns names character by character and makes up new ones.
//
// Results and generated names go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <numeric>

#include "examples/support/fingerprint.h"
#include "examples/support/json_report.h"
#include "examples/support/name_data.h"
#include "examples/support/name_model.h"
#include "examples/support/names_options.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/training.h"
#include "examples/support/write_file.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/made_up_names.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, order_of_names, training_dropout, drawn_names };

Generator stream(const NamesOptions& options, Stream which) { return Generator(options.seed).split(which); }

NameSplit names_of(const NamesOptions& options) {
  if (!options.data.empty()) return split_names(read_names(options.data));
  Generator generator(1);  // the same names for every seed
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.push_back(models::make_name(generator));
  return split_names(std::move(names));
}

struct Names {
  std::vector<NameIds> train, dev, test;
};

Names encode(const Alphabet& alphabet, const NameSplit& split) {
  const auto ids = [&](const std::vector<std::string>& names) {
    std::vector<NameIds> all;
    for (const std::string& name : names) all.push_back(alphabet.encode(name));
    return all;
  };
  return {ids(split.train), ids(split.dev), ids(split.test)};
}

Alphabet alphabet_of(const NameSplit& split) {
  std::string text = "\n";
  for (const auto* names : {&split.train, &split.dev, &split.test})
    for (const std::string& name : *names) text += name;
  return Alphabet(text);
}

Variable logits_of(const models::MlpLm& lm, const Tensor& inputs, Generator*) { return lm.forward(inputs); }
template <class Cell>
Variable logits_of(const models::RecurrentLm<Cell>& lm, const Tensor& inputs, Generator* dropout) {
  return lm.forward(inputs, {}, dropout).logits;
}

// Nats per character: of all names together, the end of each counted as a character.
template <class Lm>
double loss_of(const Lm& lm, const std::vector<NameIds>& names, std::int64_t end, std::int64_t padding) {
  const NoGrad no_gradients;
  std::vector<std::int64_t> rows(names.size());  // by length: little padding
  std::iota(rows.begin(), rows.end(), 0);
  const auto length = [&](std::int64_t row) { return names[to_size(row)].size(); };
  std::sort(rows.begin(), rows.end(),
            [&](std::int64_t a, std::int64_t b) { return length(a) != length(b) ? length(a) < length(b) : a < b; });
  double nats = 0, symbols = 0;
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto stop = begin + std::min<std::ptrdiff_t>(256, rows.end() - begin);
    const NameBatch batch = make_name_batch(names, {begin, stop}, end, padding);
    nats += cross_entropy(logits_of(lm, batch.inputs(), nullptr), batch.labels, batch.weights).item() * batch.symbols;
    symbols += batch.symbols;
    begin = stop;
  }
  return nats / symbols;
}

double loss_of(const models::Ngram& lm, const std::vector<NameIds>& names, std::int64_t end, std::int64_t) {
  return lm.evaluate_lines(names, end, end).per_token();
}

struct Trained : TrainingHistory {
  double characters = 0;  // read in training
};

// Leaves the weights of the lowest dev loss in `lm`.
template <class Lm>
Trained train(Lm& lm, const Names& names, std::int64_t end, std::int64_t padding, const NamesOptions& options) {
  Lm best = lm;
  Generator dropout = stream(options, training_dropout);
  NameBatches batches(names.train, options.batch, end, padding, stream(options, order_of_names));
  const std::int64_t steps = options.steps_for(batches.order().batches(), options.quick ? 150 : 3000);
  double characters = 0;
  Fingerprint fingerprint;
  for (const auto* names_of_part : {&names.train, &names.dev})
    for (const NameIds& name : *names_of_part)
      fingerprint.add({reinterpret_cast<const char*>(name.data()), name.size() * sizeof(name[0])});
  nn::Checkpoint run;
  require_settings(run, options);
  run.require("model", options.kind);
  run.require("context", fmt::to_string(options.context));
  run.require("data", fingerprint.text());
  run.add("model", lm);
  run.add("best", best);
  run.add("batches", batches.order());
  run.add("dropout", dropout);
  run.add("characters", characters);
  const TrainingHistory history =
      run_training({.parameters = nn::named_parameters(lm),
                    .steps = steps,
                    .steps_per_validation = std::max<std::int64_t>(1, steps / (options.quick ? 5 : 10)),
                    .learning_rate = options.learning_rate,
                    .next_loss =
                        [&] {
                          const NameBatch batch = batches.next();
                          characters += batch.symbols;
                          const Variable logits =
                              logits_of(lm, batch.inputs(), options.dropout > 0 ? &dropout : nullptr);
                          return cross_entropy(logits, batch.labels, batch.weights);
                        },
                    .validation_loss = [&] { return loss_of(lm, names.dev, end, padding); },
                    .better = [&](std::int64_t) { best = lm; },
                    .metric = "dev",
                    .checkpoint = std::move(run),
                    .options = &options});
  lm = std::move(best);
  return {history, characters};
}

// Counting is all of its training.
Trained train(models::Ngram& lm, const Names& names, std::int64_t end, std::int64_t, const NamesOptions&) {
  const double start = now();
  lm.fit_lines(names.train, end, end);
  Trained result;
  result.seconds = now() - start;
  for (const NameIds& name : names.train) result.characters += static_cast<double>(name.size() + 1);
  return result;
}

std::string description_of(const models::Ngram& lm, const NamesOptions&) {
  return fmt::format("{}-grams", lm.config().order);
}
template <class Lm>
std::string description_of(const Lm& lm, const NamesOptions& options) {
  return fmt::format("{} with {} parameters", options.kind, nn::parameter_count(lm));
}

// A name that begins with `prompt`, of at most 200 characters.
std::string make_up(const NameModel& model, const NamesOptions& options, Generator& generator) {
  std::vector<std::int64_t> ids(to_size(model.padding()), model.end());
  const std::vector<std::int64_t> prompt = model.alphabet.encode(options.prompt);
  ids.insert(ids.end(), prompt.begin(), prompt.end());
  std::string name = options.prompt;
  for (int i = 0; i < 200; ++i) {
    ids.push_back(nn::sample(model.next_logits(ids), options.sampling, generator));
    if (ids.back() == model.end()) break;
    name += model.alphabet[ids.back()];
  }
  return name;
}

void train_and_show(const NamesOptions& options) {
  const double start = now();
  const NameSplit split = names_of(options);
  const fs::path chart_file = fs::path(options.out) / "loss.svg";
  const Alphabet alphabet = alphabet_of(split);
  const Names names = encode(alphabet, split);
  check_output_files(options, {.checkpoints = options.kind != "ngram", .check_model = NameModel::check_replaceable});
  Generator generator = stream(options, initial_weights);
  const NameLmConfig config{.vocabulary = alphabet.size(),
                            .context = options.context,
                            .embedding = options.embedding,
                            .hidden = options.hidden,
                            .layers = options.layers,
                            .dropout = options.dropout};
  NameModel model{alphabet, config, make_name_lm(options.kind, config, generator)};
  const std::int64_t end = model.end(), padding = model.padding();
  std::visit(
      [&](auto& lm) {
        constexpr bool counts = std::is_same_v<std::decay_t<decltype(lm)>, models::Ngram>;
        std::cout << fmt::format("{}: {} names, {} symbols; {}, {} threads, seed {}{}\n",
                                 options.data.empty() ? "made-up names" : nn::printable(options.data),
                                 split.train.size() + split.dev.size() + split.test.size(), alphabet.size(),
                                 description_of(lm, options), threads(), options.seed,
                                 reproducible() ? ", reproducible with " + simd_description() : "")
                  << fmt::format("{} names for training, {} dev, {} test, shuffled the same way for every seed\n",
                                 split.train.size(), split.dev.size(), split.test.size())
                  << std::flush;
        models::Ngram counted(
            {.vocabulary = alphabet.size(), .order = 5, .smoothing = models::Smoothing::interpolated});
        counted.fit_lines(names.train, end, end);
        const double counting = loss_of(counted, names.dev, end, padding);
        const Trained trained = train(lm, names, end, padding, options);
        const double of_train = loss_of(lm, names.train, end, padding), of_dev = loss_of(lm, names.dev, end, padding),
                     of_test = loss_of(lm, names.test, end, padding);
        const double speed = trained.characters / trained.seconds;
        std::cout << fmt::format(
            "nats per character, the end of a name included: train {:.4f}, dev {:.4f}, test {:.4f}; counting 5-grams: "
            "dev {:.4f}{}\n{:.1f} s, {:.0f} characters per second\n\n",
            of_train, of_dev, of_test, counting,
            options.data.empty() ? fmt::format("; the rules themselves: {:.4f}",
                                               models::made_up_name_entropy / (models::made_up_name_letters + 1))
                                 : "",
            trained.seconds, speed);
        Generator drawn = stream(options, drawn_names);
        for (int i = 0; i < 20; ++i) std::cout << "  " << nn::printable(make_up(model, options, drawn)) << '\n';
        model.save(behind_links(options.model()));
        nn::LineChart chart{.title = "Cross-entropy per character",
                            .series = {trained.train, trained.valid},
                            .reference = nn::ReferenceLine{"counting 5-grams, dev", counting}};
        std::cout << fmt::format("\nwrote {}", options.model().string());
        if (!counts) {
          write_file(chart_file, nn::line_chart_svg(chart));
          std::cout << fmt::format(", {}", chart_file.string());
        }
        std::cout << std::endl;
        if (options.json.empty()) return;
        write_json_report(options.json, {.program = "names",
                                         .seed = options.seed,
                                         .seconds = now() - start,
                                         .metrics = {{"train_loss", of_train},
                                                     {"dev_loss", of_dev},
                                                     {"test_loss", of_test},
                                                     {"ngram_dev_loss", counting},
                                                     {"train_seconds", trained.seconds},
                                                     {"characters_per_second", speed}}});
      },
      model.lm);
}

void generate_only(const NamesOptions& options) {
  const NameModel model = NameModel::load(options.model());
  Generator generator = stream(options, drawn_names);
  for (std::int64_t i = 0; i < options.generate; ++i)
    if (!(std::cout << nn::printable(make_up(model, options, generator)) << std::endl))
      throw IoError("standard output: cannot write");
}

void run(int argc, char** argv) {
  const std::optional<NamesOptions> options = parse_names_options(argc, argv);
  if (options) {
    run_with(*options, "--hidden or --batch",
             [&] { options->generate > 0 ? generate_only(*options) : train_and_show(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("names", heed::examples::run, argc, argv); }
