// The promise of reproducible mode for a whole training: drawn weights, batches, gradients, clipping and optimizer give
// the same bits with every number of threads, every set of BLAS kernels and every vector width with fused
// multiply-add, and so on every processor, compiler and machine: the sums below were committed once.
#include "examples/support/translate_training.h"

#include "examples/program.h"
#include "heed/nn/state_dict.h"
#include "heed/tensor/io/sha256.h"
#include "heed/tensor/runtime.h"
#include "support/catch.h"
#include "support/every_target.h"
#include "support/reproducible.h"
#include "support/temporary_folder.h"
#include "support/thread_count.h"

using namespace heed;
using namespace heed::examples;

namespace {

// Of the numbers of all tensors in the order of their names, as they stand in a safetensors file behind its header.
std::string sum_of_weights(const models::RnnSearch& model) {
  std::string bytes;
  for (const auto& [name, tensor] : nn::state_dict(model)) {
    const Tensor x = tensor.contiguous();
    bytes.append(reinterpret_cast<const char*>(x.data<float>()), static_cast<std::size_t>(x.numel()) * sizeof(float));
  }
  return sha256(std::as_bytes(std::span(bytes)));
}

std::string trained(TranslationTask (*task_of)(const TaskOptions&), TranslateOptions options) {
  const test::TemporaryFolder folder;
  options.out = folder.path().string();
  options.progress = "off";
  TranslationTask task = task_of(options);
  task.unigram_loss = 1e9;  // a few steps may not beat it; any model will do
  train(task, options);
  return sum_of_weights(task.translator.model);
}

// Under each instruction set that fuses; under the best with 1 to 3 threads.
void check_weights(TranslationTask (*task_of)(const TaskOptions&), const TranslateOptions& options,
                   const std::string& expected) {
  const test::Reproducible mode(true);
  int most_threads = 3;
  test::for_every_target([&](const std::string& target) {
    if (!test::fuses()) return;
    for (int count = 1; count <= most_threads; ++count) {
      const test::ThreadCount threads(count);
      CAPTURE(target, count);
      CHECK(trained(task_of, options) == expected);
    }
    most_threads = 1;
  });
}

}  // namespace

TEST_CASE("a training on dates gives the committed weights on every processor", "[bits][training]") {
  TranslateOptions options;
  options.steps = 12;
  options.hidden = 48;
  check_weights(date_task, options, "61e5e9b32091420d7984650a90bf22c0b68df801a717733476988ae52028d661");
}

TEST_CASE("a training on sentence pairs gives the committed weights on every processor", "[bits][training]") {
  const test::TemporaryFolder folder;
  TranslateOptions options;
  options.data = folder.write("pairs.tsv", test::pairs()).string();
  options.steps = 12;
  options.hidden = 48;
  check_weights(pair_task, options, "1f8102316c5fd23e7b7bcccdf9c1cefb5f529a7ba2ccb8209addc42bce766a6b");
}
