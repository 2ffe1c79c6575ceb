// char_rnn: a recurrent network (models/recurrent_lm.h) learns to predict the next character of a text, or the next
// piece of a word, and writes.
//
// Results and generated text go to standard output, progress and errors to standard error.

#include <algorithm>

#include "examples/support/char_model.h"
#include "examples/support/char_rnn_options.h"
#include "examples/support/output_files.h"
#include "examples/support/program.h"
#include "examples/support/text_program.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/data/token_stream.h"
#include "heed/tensor/create.h"

namespace heed::examples {
namespace {

template <class Lm>
void draw(const Lm& lm, std::vector<std::int64_t> ids, std::int64_t count, const nn::SamplingConfig& sampling,
          Generator& generator, const std::function<void(std::int64_t)>& write) {
  const NoGrad no_gradients;
  typename Lm::State state;
  for (std::int64_t i = 0; i < count; ++i) {
    auto read = lm.forward(tensor(ids, {1, std::ssize(ids)}), state);
    state = std::move(read.final_state);
    ids = {nn::sample(select(select(read.logits.value(), 0, 0), 0, -1), sampling, generator)};
    write(ids[0]);
  }
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

// Leaves the weights of the lowest validation loss in `lm`.
template <class Lm>
TextTraining train(Lm& lm, const TokenText& from, nn::Checkpoint run, const CharRnnOptions& options,
                   const std::function<std::string()>& sample) {
  nn::TokenStream text(from.read, options.batch, options.length);
  const nn::TokenStream held_out(from.held_out, options.batch, options.length);
  const std::int64_t steps = options.steps_for(text.batches(), options.quick ? 300 : 2000);
  Lm best = lm;
  Generator dropout = stream(options, TextStream::training);
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
                    .sample = sample});
  lm = std::move(best);
  return {history, tokens};
}

DrawTokens drawing(const CharModel& model) {
  return [&model](const auto& prompt, std::int64_t count, const nn::SamplingConfig& sampling, Generator& generator,
                  const auto& write) {
    std::visit([&](const auto& lm) { draw(lm, prompt, count, sampling, generator, write); }, model.lm);
  };
}

void train_and_show(const CharRnnOptions& options) {
  const double start = now();
  const std::string text = read_text(options);
  const TokenText tokens = tokenize(text, options.subwords);
  check_text_length(tokens, options);
  check_output_files(options, {.subword_model = options.subwords.model, .check_model = CharModel::check_replaceable});
  Generator generator = stream(options, TextStream::initial_weights);
  CharModel model{tokens.tokens, make_lm(options.cell,
                                         {.vocabulary = tokens.tokens.size(),
                                          .embedding = options.embedding,
                                          .hidden = options.hidden,
                                          .layers = options.layers,
                                          .dropout = options.dropout},
                                         generator)};
  nn::Checkpoint run;
  require_settings(run, options);
  run.require("cell", options.cell);
  run.require("length", std::to_string(options.length));
  require_text(run, text, tokens.tokens);
  std::visit(
      [&](auto& lm) {
        train_and_show({.parameters = nn::parameter_count(lm),
                        .train = [&](const auto& sample) { return train(lm, tokens, std::move(run), options, sample); },
                        .draw = drawing(model),
                        .save = [&](const std::filesystem::path& path) { model.save(path); }},
                       tokens, options, start);
      },
      model.lm);
}

void generate_only(const CharRnnOptions& options) {
  const CharModel model = CharModel::load(options.model());
  write_text(model.tokens, drawing(model), options);
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
