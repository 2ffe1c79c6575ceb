// gpt: a Transformer (models/gpt.h) learns to predict the next character of a text, or the next piece of a word, and
// writes.
//
// Results and generated text go to standard output, progress and errors to standard error.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "examples/support/attention_file.h"
#include "examples/support/gpt_model.h"
#include "examples/support/gpt_options.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/text_program.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/data/token_stream.h"
#include "heed/nn/data/token_windows.h"
#include "heed/nn/training.h"
#include "heed/tensor/create.h"

namespace heed::examples {
namespace {

// Nats per token of a text in windows as long as the context.
double validation_loss(models::Gpt& lm, nn::TokenStream text) {
  const NoGrad no_gradients;
  nn::set_training(lm, false);
  double loss = 0, tokens = 0;
  for (std::int64_t i = 0; i < text.batches(); ++i) {
    const nn::TokenStream::Batch batch = text.next();
    const auto count = static_cast<double>(batch.labels.numel());
    loss += cross_entropy(lm.forward({.ids = batch.inputs}).logits, batch.labels).item() * count;
    tokens += count;
  }
  nn::set_training(lm, true);
  return loss / tokens;
}

// Leaves the weights of the lowest validation loss in `lm`.
TextTraining train(models::Gpt& lm, const TokenText& from, nn::Checkpoint run, const GptOptions& options,
                   const std::function<std::string()>& sample) {
  const nn::TokenWindows text(from.read, options.context);
  const nn::TokenStream held_out(from.held_out, options.batch, options.context);
  const std::int64_t batches = std::max<std::int64_t>(1, std::ssize(from.read) / (options.batch * options.context));
  const std::int64_t steps = options.steps_for(batches, options.quick ? 300 : 2000);
  models::Gpt best = lm;
  Generator generator = stream(options, TextStream::training);
  double tokens = 0;
  run.add("model", lm);
  run.add("best", best);
  run.add("generator", generator);
  run.add("tokens", tokens);
  const TrainingHistory history =
      run_training({.parameters = nn::named_parameters(lm),
                    .steps = steps,
                    .steps_per_validation = std::max<std::int64_t>(1, steps / 10),
                    .learning_rate = options.learning_rate,
                    .next_loss =
                        [&] {
                          const nn::TokenWindows::Batch batch = text.draw(options.batch, generator);
                          tokens += static_cast<double>(batch.labels.numel());
                          const auto read = lm.forward({.ids = batch.inputs, .generator = &generator});
                          return cross_entropy(read.logits, batch.labels);
                        },
                    .validation_loss = [&] { return validation_loss(lm, held_out); },
                    .better = [&](std::int64_t) { best = lm; },
                    .checkpoint = std::move(run),
                    .options = &options,
                    .sample = sample});
  lm = std::move(best);
  return {history, tokens};
}

DrawTokens drawing(models::Gpt& lm) {
  return [&lm](const auto& prompt, std::int64_t count, const nn::SamplingConfig& sampling, Generator& generator,
               const auto& write) {
    nn::set_training(lm, false);
    (void)lm.generate(
        {prompt},
        {.tokens = count, .sampling = sampling, .on_token = [&](std::size_t, std::int64_t token) { write(token); }},
        generator);
    nn::set_training(lm, true);
  };
}

// Where every head of every layer looked in the first tokens of the held-out text.
void show_attention(GptModel& model, const TokenText& text, const GptOptions& options) {
  if (options.attention.empty()) return;
  const auto count = std::min<std::ptrdiff_t>({64, options.context, std::ssize(text.held_out)});
  const std::vector<std::int64_t> ids(text.held_out.begin(), text.held_out.begin() + count);
  std::vector<std::string> tokens;
  for (const std::int64_t id : ids) tokens.push_back(model.tokens.text_of(id, false));
  const NoGrad no_gradients;
  nn::set_training(model.lm, false);
  const nn::AttentionRecorder recorder(model.lm);
  (void)model.lm.forward({.ids = tensor(ids, {1, count})});
  nn::AttentionPage page{.title = "Where each token looked"};
  for (const nn::AttentionRecord& found : recorder.records())
    page.maps.push_back(nn::attention_map(found.module, found.weights, 0, tokens, tokens));
  write_attention_file(options.attention, page, std::cout);
}

void train_and_show(const GptOptions& options) {
  const double start = now();
  const std::string text = read_text(options);
  const TokenText tokens = tokenize(text, options.subwords);
  check_text_length(tokens, options);
  if (std::ssize(tokens.read) <= options.context)
    throw FormatError(fmt::format("--context {}: there are only {} {} to learn from", options.context,
                                  tokens.read.size(), tokens.tokens.unit()));
  check_output_files(options, {.subword_model = options.subwords.model,
                               .attention = options.attention,
                               .check_model = GptModel::check_replaceable});
  Generator generator = stream(options, TextStream::initial_weights);
  GptModel model{tokens.tokens, models::Gpt({.vocabulary = tokens.tokens.size(),
                                             .context = options.context,
                                             .embedding = options.embedding,
                                             .heads = options.heads,
                                             .layers = options.layers,
                                             .kv_heads = options.kv_heads,
                                             .dropout = options.dropout,
                                             .positions = gpt_positions(options.positions)},
                                            generator)};
  nn::Checkpoint run;
  require_settings(run, options);
  for (const auto& [name, value] : {std::pair("embedding", options.embedding), std::pair("heads", options.heads),
                                    std::pair("kv heads", options.kv_heads), std::pair("layers", options.layers),
                                    std::pair("context", options.context)})
    run.require(name, fmt::to_string(value));
  run.require("dropout", fmt::to_string(options.dropout));
  run.require("positions", options.positions);
  require_text(run, text, tokens.tokens);
  train_and_show({.parameters = nn::parameter_count(model.lm),
                  .train = [&](const auto& sample) { return train(model.lm, tokens, std::move(run), options, sample); },
                  .draw = drawing(model.lm),
                  .save = [&](const std::filesystem::path& path) { model.save(path); }},
                 tokens, options, start);
  show_attention(model, tokens, options);
}

void generate_only(const GptOptions& options) {
  GptModel model = GptModel::load(options.model());
  write_text(model.tokens, drawing(model.lm), options);
}

void run(int argc, char** argv) {
  const std::optional<GptOptions> options = parse_gpt_options(argc, argv);
  if (options) {
    run_with(*options, "--embedding, --batch or --context",
             [&] { options->generate > 0 ? generate_only(*options) : train_and_show(*options); });
  }
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) { return heed::examples::run_program("gpt", heed::examples::run, argc, argv); }
