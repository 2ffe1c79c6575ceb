// classify: texts and their labels, by a bag of word vectors, a GRU or an LSTM (models/text_classifier.h).
//
// Results go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "examples/support/classify_options.h"
#include "examples/support/fingerprint.h"
#include "examples/support/given_texts.h"
#include "examples/support/json_report.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/text_data.h"
#include "examples/support/text_model.h"
#include "examples/support/training.h"
#include "examples/support/write_file.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/data/epoch_order.h"
#include "heed/nn/data/text.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/confusion_matrix.h"
#include "heed/nn/train/loss_mean.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, data, order_of_texts, training_dropout };

Generator stream(const ClassifyOptions& options, Stream which) { return Generator(options.seed).split(which); }

// Texts as a model reads them.
struct Encoded {
  std::vector<std::vector<std::int64_t>> texts;
  std::vector<std::int64_t> labels;
};

Encoded encode(const TextModel& model, const nn::LabelledTexts& texts) {
  Encoded result{{}, texts.labels};
  for (const std::string& text : texts.texts) result.texts.push_back(model.encode(text));
  return result;
}

// The mean cross-entropy of some of the texts.
template <class Net>
Variable loss_of(const Net& net, const Encoded& encoded, const std::vector<std::int64_t>& rows, Generator* dropout) {
  std::vector<std::vector<std::int64_t>> texts;
  std::vector<std::int64_t> labels;
  for (const std::int64_t row : rows) {
    texts.push_back(encoded.texts[to_size(row)]);
    labels.push_back(encoded.labels[to_size(row)]);
  }
  const nn::PaddedBatch batch = nn::pad_batch(texts);
  return cross_entropy(net.forward(batch.ids, batch.lengths, dropout), tensor(labels, {std::ssize(labels)}));
}

template <class Net>
double loss_of(const Net& net, const Encoded& encoded) {
  const NoGrad no_gradients;
  nn::LossMean mean;
  for (std::int64_t begin = 0; begin < std::ssize(encoded.labels); begin += 100) {
    std::vector<std::int64_t> rows;
    for (std::int64_t i = begin; i < std::min(std::ssize(encoded.labels), begin + 100); ++i) rows.push_back(i);
    mean.add_mean(loss_of(net, encoded, rows, nullptr).item(), static_cast<double>(rows.size()));
  }
  return mean.mean();
}

// The words of the training texts; of many texts those that come twice.
nn::Vocabulary vocabulary_of(const nn::LabelledTexts& texts) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& text : texts.texts)
    for (const std::string& word : nn::words(text)) ++counts[word];
  return nn::Vocabulary(counts, {.min_count = texts.size() < 2000 ? 1 : 2});
}

std::string fingerprint_of(const TextData& texts) {
  Fingerprint fingerprint;
  for (const std::string& name : texts.train.names) fingerprint.add(name);  // those of the test too: they number labels
  for (const nn::LabelledTexts* part : {&texts.train, &texts.valid})
    for (std::size_t i = 0; i < part->texts.size(); ++i) {
      fingerprint.add(part->texts[i]);
      fingerprint.add(part->names[to_size(part->labels[i])]);
    }
  return fingerprint.text();
}

struct Trained : TrainingHistory {
  double texts = 0;  // read in training
};

// Leaves the weights of the lowest validation loss in `net`.
template <class Net>
Trained train(Net& net, const Encoded& texts, const Encoded& valid, nn::Checkpoint run,
              const ClassifyOptions& options) {
  Net best = net;
  std::vector<nn::PairLength> lengths;
  for (const auto& text : texts.texts) lengths.push_back({std::ssize(text), 0});
  nn::EpochOrder order(std::move(lengths), options.batch, stream(options, order_of_texts));
  Generator dropout = stream(options, training_dropout);
  double count = 0;
  run.add("model", net);
  run.add("best", best);
  run.add("order", order);
  run.add("dropout", dropout);
  run.add("texts", count);
  const std::int64_t epoch = order.batches(), usual = std::max<std::int64_t>(12 * epoch, 1500);
  const std::int64_t steps = options.steps_for(epoch, options.quick ? std::min<std::int64_t>(usual, 300) : usual);
  const TrainingHistory history = run_training({.parameters = nn::named_parameters(net),
                                                .steps = steps,
                                                .steps_per_validation = std::max<std::int64_t>(1, steps / 12),
                                                .learning_rate = options.learning_rate,
                                                .next_loss =
                                                    [&] {
                                                      const std::vector<std::int64_t> rows = order.next();
                                                      count += static_cast<double>(rows.size());
                                                      return loss_of(net, texts, rows, &dropout);
                                                    },
                                                .validation_loss = [&] { return loss_of(net, valid); },
                                                .better = [&](std::int64_t) { best = net; },
                                                .checkpoint = std::move(run),
                                                .options = &options});
  net = std::move(best);
  return {history, count};
}

void print_samples(const TextModel& model, const nn::LabelledTexts& test, const std::vector<std::int64_t>& read) {
  for (std::size_t i = 0; i < std::min<std::size_t>(10, read.size()); ++i) {
    const std::string label = model.labels[to_size(read[i])], right = model.labels[to_size(test.labels[i])];
    std::cout << fmt::format("  {:<16} {}{}\n", nn::printable(label), nn::printable(test.texts[i]),
                             label == right ? "" : " (" + nn::printable(right) + ")");
  }
}

void train_and_show(const ClassifyOptions& options) {
  const double start = now();
  Generator generator = stream(options, data);
  const TextData texts = options.data.empty() ? make_text_data(generator) : read_text_data(options.data, generator);
  check_output_files(options, {.check_model = TextModel::check_replaceable});
  nn::Vocabulary vocabulary = vocabulary_of(texts.train);
  const models::TextClassifierConfig config{.vocabulary = vocabulary.size(),
                                            .classes = std::ssize(texts.train.names),
                                            .embedding = options.embedding,
                                            .hidden = options.hidden,
                                            .dropout = options.dropout};
  Generator weights = stream(options, initial_weights);
  TextModel model{std::move(vocabulary), texts.train.names, make_text_classifier(options.kind, config, weights)};
  const Encoded train_texts = encode(model, texts.train), valid_texts = encode(model, texts.valid),
                test_texts = encode(model, texts.test);
  std::visit(
      [&](auto& net) {
        std::cout << fmt::format(
            "{}: {} texts to learn from, {} to choose by, {} to measure; {} labels, {} words; {} with {} parameters, "
            "{} threads, seed {}{}\n",
            options.data.empty() ? "requests" : nn::printable(options.data), texts.train.size(), texts.valid.size(),
            texts.test.size(), model.labels.size(), model.vocabulary.size(), options.kind, nn::parameter_count(net),
            threads(), options.seed, reproducible() ? ", reproducible with " + simd_description() : "");
        for (const std::string& note : texts.notes) std::cout << nn::printable(note) << '\n';
        std::cout.flush();
        nn::Checkpoint run;
        require_settings(run, options);
        run.require("embedding", fmt::to_string(options.embedding));
        run.require("hidden", fmt::to_string(options.hidden));
        run.require("model", options.kind);
        run.require("dropout", fmt::to_string(options.dropout));
        run.require("data", fingerprint_of(texts));
        const Trained trained = train(net, train_texts, valid_texts, run, options);
        const std::vector<std::int64_t> read = model.predict(test_texts.texts);
        nn::ConfusionMatrix confusion(std::ssize(model.labels));
        confusion.add(tensor(read, {std::ssize(read)}), tensor(test_texts.labels, {std::ssize(read)}));
        const double test_loss = loss_of(net, test_texts), speed = trained.texts / trained.seconds;
        if (model.labels.size() <= 20) std::cout << confusion.table(model.labels);
        std::cout << fmt::format(
            "test accuracy {:.2f} %, macro F1 {:.2f} %, loss {:.4f}; {:.1f} s, {:.0f} texts per second\n\n",
            100 * confusion.accuracy(), 100 * confusion.macro().f1, test_loss, trained.seconds, speed);
        print_samples(model, texts.test, read);
        model.save(behind_links(options.model()));
        write_file(options.in_out("loss.svg"),
                   nn::line_chart_svg({.title = "Cross-entropy per text", .series = {trained.train, trained.valid}}));
        std::cout << fmt::format("\nwrote {}, {}/loss.svg\n", options.model().string(), options.out) << std::flush;
        if (options.json.empty()) return;
        write_json_report(options.json, {.program = "classify",
                                         .seed = options.seed,
                                         .seconds = now() - start,
                                         .metrics = {{"test_accuracy", confusion.accuracy()},
                                                     {"test_macro_f1", confusion.macro().f1},
                                                     {"test_loss", test_loss},
                                                     {"valid_loss", trained.best_loss},
                                                     {"train_seconds", trained.seconds},
                                                     {"texts_per_second", speed}}});
      },
      model.net);
}

void predict_only(const ClassifyOptions& options) {
  const TextModel model = TextModel::load(options.model());
  answer_texts(options.texts, [&](const std::string& text) {
    return nn::printable(model.labels[to_size(model.predict({model.encode(text)})[0])]);
  });
}

void run(int argc, char** argv) {
  const std::optional<ClassifyOptions> options = parse_classify_options(argc, argv);
  if (options) {
    run_with(*options, "--hidden, --embedding or --batch",
             [&] { options->predict ? predict_only(*options) : train_and_show(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("classify", heed::examples::run, argc, argv); }
