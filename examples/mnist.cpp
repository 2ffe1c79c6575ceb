// mnist: a multilayer perceptron (models/mlp_classifier.h) learns to read digits, handwritten or drawn.
//
// Results go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "examples/support/digit_data.h"
#include "examples/support/digit_model.h"
#include "examples/support/fingerprint.h"
#include "examples/support/json_report.h"
#include "examples/support/mnist_options.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/training.h"
#include "examples/support/write_file.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/data/epoch_order.h"
#include "heed/nn/plot/image_grid.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/nn/train/confusion_matrix.h"
#include "heed/nn/train/loss_mean.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/idx.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

// Independent streams of one seed: what one part draws does not shift what another draws.
enum Stream : std::uint64_t { initial_weights, data, order_of_images, training_dropout };

Generator stream(const MnistOptions& options, Stream which) { return Generator(options.seed).split(which); }

constexpr std::int64_t rows_at_once = 1000;

double loss_of(const models::MlpClassifier& net, const Digits& digits) {
  const NoGrad no_gradients;
  nn::LossMean mean;
  const std::int64_t count = digits.images.size(0);
  for (std::int64_t begin = 0; begin < count; begin += rows_at_once) {
    const std::int64_t end = std::min(count, begin + rows_at_once);
    const Variable logits = net.forward(slice(digits.images, 0, begin, end));
    mean.add_mean(cross_entropy(logits, slice(digits.labels, 0, begin, end)).item(), static_cast<double>(end - begin));
  }
  return mean.mean();
}

std::vector<std::int64_t> predictions(const models::MlpClassifier& net, const Tensor& images) {
  const NoGrad no_gradients;
  std::vector<std::int64_t> result;
  for (std::int64_t begin = 0; begin < images.size(0); begin += rows_at_once) {
    const Tensor part = slice(images, 0, begin, std::min(images.size(0), begin + rows_at_once));
    const Tensor best = argmax(net.forward(part).value(), -1).contiguous();
    result.insert(result.end(), best.data<std::int64_t>(), best.data<std::int64_t>() + best.numel());
  }
  return result;
}

std::string fingerprint_of(const DigitData& digits) {
  Fingerprint fingerprint;
  for (const Digits* part : {&digits.train, &digits.valid}) {
    fingerprint.add({reinterpret_cast<const char*>(part->images.data<float>()), to_size(part->images.numel()) * 4});
    fingerprint.add(
        {reinterpret_cast<const char*>(part->labels.data<std::int64_t>()), to_size(part->labels.numel()) * 8});
  }
  return fingerprint.text();
}

struct Trained : TrainingHistory {
  double images = 0;  // read in training
};

// Leaves the weights of the lowest validation loss in `net`.
Trained train(models::MlpClassifier& net, const DigitData& digits, const MnistOptions& options) {
  models::MlpClassifier best = net;
  nn::EpochOrder order(digits.train.images.size(0), options.batch, stream(options, order_of_images));
  Generator dropout = stream(options, training_dropout);
  double images = 0;
  nn::Checkpoint run;
  require_settings(run, options);
  run.require("hidden", fmt::to_string(options.hidden));
  run.require("layers", fmt::to_string(options.layers));
  run.require("dropout", fmt::to_string(options.dropout));
  run.require("data", fingerprint_of(digits));
  run.add("model", net);
  run.add("best", best);
  run.add("order", order);
  run.add("dropout", dropout);
  run.add("images", images);
  const std::int64_t steps = options.steps_for(order.batches(), (options.quick ? 2 : 10) * order.batches());
  const TrainingHistory history =
      run_training({.parameters = nn::named_parameters(net),
                    .steps = steps,
                    .steps_per_validation = std::min(order.batches(), std::max<std::int64_t>(1, steps / 4)),
                    .learning_rate = options.learning_rate,
                    .next_loss =
                        [&] {
                          const Digits batch = rows_of(digits.train, order.next());
                          images += static_cast<double>(batch.labels.numel());
                          return cross_entropy(net.forward(batch.images, &dropout), batch.labels);
                        },
                    .validation_loss = [&] { return loss_of(net, digits.valid); },
                    .better = [&](std::int64_t) { best = net; },
                    .checkpoint = run,
                    .options = &options});
  net = std::move(best);
  return {history, images};
}

// The first mistakes: "7, not 1" is a 7 that was read as a 1.
std::string mistakes_picture(const Digits& test, const std::vector<std::int64_t>& read) {
  constexpr std::int64_t shown = 40;
  std::vector<std::int64_t> rows;
  std::vector<std::string> captions;
  std::int64_t mistakes = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    const std::int64_t label = test.labels.data<std::int64_t>()[i];
    if (read[i] == label || ++mistakes > shown) continue;
    rows.push_back(static_cast<std::int64_t>(i));
    captions.push_back(fmt::format("{}, not {}", label, read[i]));
  }
  return nn::image_grid_svg({.title = fmt::format("{} of {} mistakes", rows.size(), mistakes),
                             .images = rows_of(test, rows).images,
                             .captions = captions});
}

void train_and_show(const MnistOptions& options) {
  const double start = now();
  Generator generator = stream(options, data);
  const DigitData digits = options.data.empty() ? draw_digit_data(generator) : read_digits(options.data, generator);
  check_output_files(options, {.pictures = {"mistakes.svg", "loss.svg"}, .check_model = DigitModel::check_replaceable});
  Generator weights = stream(options, initial_weights);
  const std::int64_t height = digits.train.images.size(1), width = digits.train.images.size(2);
  DigitModel model{height, width,
                   models::MlpClassifier({.inputs = height * width,
                                          .classes = 10,
                                          .hidden = std::vector<std::int64_t>(to_size(options.layers), options.hidden),
                                          .dropout = options.dropout},
                                         weights)};
  std::cout << fmt::format(
      "{}: {} images to learn from, {} to choose by, {} to measure; {} parameters, {} threads, "
      "seed {}{}\n",
      options.data.empty() ? "drawn digits" : nn::printable(options.data), digits.train.images.size(0),
      digits.valid.images.size(0), digits.test.images.size(0), nn::parameter_count(model.net), threads(), options.seed,
      reproducible() ? ", reproducible with " + simd_description() : "");
  for (const std::string& note : digits.notes) std::cout << nn::printable(note) << '\n';
  std::cout.flush();
  const Trained trained = train(model.net, digits, options);
  const std::vector<std::int64_t> read = predictions(model.net, digits.test.images);
  nn::ConfusionMatrix confusion(10);
  confusion.add(tensor(read, {std::ssize(read)}), digits.test.labels);
  const double test_loss = loss_of(model.net, digits.test), speed = trained.images / trained.seconds;
  std::cout << fmt::format("{}test accuracy {:.2f} %, loss {:.4f}; {:.1f} s, {:.0f} images per second\n",
                           confusion.table(), 100 * confusion.accuracy(), test_loss, trained.seconds, speed);
  model.save(behind_links(options.model()));
  write_file(options.in_out("mistakes.svg"), mistakes_picture(digits.test, read));
  write_file(options.in_out("loss.svg"),
             nn::line_chart_svg({.title = "Cross-entropy per image", .series = {trained.train, trained.valid}}));
  std::cout << fmt::format("\nwrote {0}, {1}/mistakes.svg, {1}/loss.svg\n", options.model().string(), options.out)
            << std::flush;
  if (options.json.empty()) return;
  write_json_report(options.json, {.program = "mnist",
                                   .seed = options.seed,
                                   .seconds = now() - start,
                                   .metrics = {{"test_accuracy", confusion.accuracy()},
                                               {"test_loss", test_loss},
                                               {"valid_loss", trained.best_loss},
                                               {"train_seconds", trained.seconds},
                                               {"images_per_second", speed}}});
}

void predict_only(const MnistOptions& options) {
  const DigitModel model = DigitModel::load(options.model());
  const Tensor images = read_idx_images(options.predict).values;
  if (images.size(1) != model.height || images.size(2) != model.width)
    throw FormatError(fmt::format("{}: images {}, the model reads images of {} by {}", options.predict,
                                  images.shape().str(), model.height, model.width));
  for (const std::int64_t digit : predictions(model.net, images)) std::cout << digit << '\n';
}

void run(int argc, char** argv) {
  const std::optional<MnistOptions> options = parse_mnist_options(argc, argv);
  if (options) {
    run_with(*options, "--hidden, --layers or --batch",
             [&] { options->predict.empty() ? train_and_show(*options) : predict_only(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("mnist", heed::examples::run, argc, argv); }
