// seed_attention: three linear layers and a softmax read ten random vectors (models/seed_attention.h), and what each of
// them looks at becomes a picture. Nothing is trained: it is the smallest program with attention.
//
// Results go to standard output. --out DIR leaves weights.svg, --attention FILE a page for the browser.

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "examples/support/attention_file.h"
#include "examples/support/distinct_files.h"
#include "examples/support/json_report.h"
#include "examples/support/program.h"
#include "examples/support/run_options.h"
#include "examples/support/write_file.h"
#include "heed/models/seed_attention.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/plot/heatmap.h"
#include "heed/nn/plot/svg.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

struct SeedOptions : RunOptions {
  std::string out, attention;
};

fs::path picture_path(const SeedOptions& o) { return fs::path(o.out) / "weights.svg"; }

void check_files(const SeedOptions& o) {
  std::vector<NamedFile> outputs;
  if (!o.out.empty()) outputs.push_back({"weights.svg of --out " + o.out, picture_path(o)});
  if (!o.json.empty()) outputs.push_back({"--json " + o.json, o.json});
  list_attention_file(o.attention, outputs);
  check_distinct({}, outputs);
  if (!o.out.empty()) {
    std::error_code reason;
    fs::create_directories(o.out, reason);
    if (reason) throw IoError(fmt::format("{}: cannot be a folder for results: {}", o.out, reason.message()));
  }
  for (const NamedFile& output : outputs) check_writable(output.path);
  if (!o.json.empty()) check_replaceable_report(o.json);
  if (!o.out.empty() && is_replaced(picture_path(o))) nn::check_replaceable_picture(picture_path(o));
  check_attention_file(o.attention);
}

void show_shape(const char* name, const Variable& x) {
  std::cout << fmt::format("{:<8} {}\n", name, x.value().shape().str());
}

void work(const SeedOptions& o) {
  const double begin = now();
  const std::int64_t positions = 10, width = o.quick ? 64 : 512;
  Generator generator(o.seed);
  const models::SeedAttention attention({.width = width}, generator);
  const Variable x(normal(generator, {positions, width}));
  const nn::AttentionRecorder recorder(attention);
  const nn::AttentionOutput found = attention.forward(x);
  const double largest = mean(max(found.weights.value(), Axes{-1})).item();

  show_shape("input", x);
  show_shape("weights", found.weights);
  show_shape("output", found.context);
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < positions; ++i) names.push_back(fmt::format("{}", i));
  const nn::Heatmap picture{.title = "What each position looked at",
                            .target = names,
                            .source = names,
                            .weights = found.weights.value(),
                            .target_title = "query",
                            .source_title = "key"};
  std::cout << '\n' << nn::heatmap_text(picture, nn::inspect_terminal(1));
  std::cout << fmt::format("\nmean largest weight {:.3f} of {} (uniform weights: {:.3f})\n", largest, positions,
                           1 / static_cast<double>(positions));
  if (!o.out.empty()) write_file(picture_path(o), nn::heatmap_svg(picture));
  write_attention_file(o.attention,
                       {.title = picture.title,
                        .maps = {nn::attention_map("seed_attention", recorder.records()[0].weights, 0, names, names)}},
                       std::cout);
  if (!o.json.empty())
    write_json_report(o.json, {.program = "seed_attention",
                               .seed = o.seed,
                               .seconds = now() - begin,
                               .metrics = {{"mean largest weight", largest}}});
}

void run(int argc, char** argv) {
  Flags flags("seed_attention",
              "Self-attention without scale or mask over ten random vectors, and a picture of its weights");
  SeedOptions options;
  flags.add_text("--out", options.out, "DIR", "write weights.svg to DIR");
  add_attention_flag(flags, options.attention);
  add_run_options(flags, options, "vectors of width 64 instead of 512");
  if (!flags.parse(argc, argv)) return;
  flags.check_named({"--out", "--json", "--attention"});
  check_files(options);
  run_with(options, "width: --quick", [&] { work(options); });
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) {
  return heed::examples::run_program("seed_attention", heed::examples::run, argc, argv);
}
