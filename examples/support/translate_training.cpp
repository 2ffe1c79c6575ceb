#include "examples/support/translate_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "examples/support/program.h"
#include "examples/support/write_file.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/train/progress.h"
#include "heed/nn/train/terminal.h"

namespace heed::examples {
namespace {

Variable batch_loss(const models::RnnSearch& model, const TrainingBatch& batch) {
  return cross_entropy(model.forward(batch.source, batch.decoder_input).logits, batch.labels, batch.weights);
}

double validation_loss(const Translator& translator, const std::vector<Example>& examples) {
  const NoGrad no_gradients;
  double loss = 0, tokens = 0;
  for (std::size_t begin = 0; begin < examples.size(); begin += 64) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = begin; i < std::min(examples.size(), begin + 64); ++i)
      rows.push_back(static_cast<std::int64_t>(i));
    const TrainingBatch batch = translator.tokenizer.batch(examples, rows);
    loss += batch_loss(translator.model, batch).item() * static_cast<double>(batch.tokens);
    tokens += static_cast<double>(batch.tokens);
  }
  return loss / tokens;
}

// For a loss that is no longer a number. No later one will be.
[[noreturn]] void diverged(std::int64_t step, const TrainingHistory& history, const TranslateOptions& options) {
  throw Error(fmt::format(
      "training diverged: the loss of step {} is not a finite number; no model or picture in {} has changed{}; try a "
      "smaller --lr",
      step, options.out,
      std::isfinite(history.best_loss) ? fmt::format(", the best model before (loss {:.3f}) is {}", history.best_loss,
                                                     options.in_out(unfinished_name).string())
                                       : ""));
}

}  // namespace

TrainingHistory train(TranslationTask& task, const TranslateOptions& options) {
  TrainingHistory history;
  if (!task.held_out) history.valid.name = "all training pairs";
  Translator& translator = task.translator;
  models::RnnSearch best = translator.model;
  const std::vector<Variable> parameters = nn::parameters(translator.model);
  nn::Adam adam(parameters, {.learning_rate = task.learning_rate});
  nn::ProgressBar progress(std::cerr, {.label = "training",
                                       .total = task.steps,
                                       .mode = progress_mode(options.progress),
                                       .terminal = nn::inspect_terminal(2)});
  const double start = now();
  for (std::int64_t step = 1; step <= task.steps; ++step) {
    const TrainingBatch batch = task.next_batch();
    // The learning rate stays for the first half, then falls in a straight line to 0.
    const double left = static_cast<double>(task.steps - step + 1) / static_cast<double>(task.steps);
    adam.config.learning_rate = task.learning_rate * std::min(1.0, 2 * left);
    adam.zero_grad();
    const Variable loss = batch_loss(translator.model, batch);
    if (!std::isfinite(loss.item())) diverged(step, history, options);
    backward(loss);
    nn::clip_grad_norm(parameters, 1);
    adam.step();
    history.tokens += batch.tokens;
    history.train.points.push_back({static_cast<double>(step), loss.item()});
    progress.tick(loss.item());
    if (step % task.steps_per_validation != 0 && step != task.steps) continue;
    const double valid = validation_loss(translator, task.validation);
    if (!std::isfinite(valid)) diverged(step, history, options);
    history.valid.points.push_back({static_cast<double>(step), valid});
    progress.metric(task.held_out ? "valid" : "all pairs", valid);
    if (valid < std::min(history.best_loss, task.unigram_loss)) {
      history.best_loss = valid;
      best = translator.model;
      if (step < task.steps) translator.save(behind_links(options.in_out(unfinished_name)));
    }
  }
  history.seconds = now() - start;
  progress.finish();
  if (!std::isfinite(history.best_loss))
    throw Error(
        fmt::format("no model came of it: the loss is {:.3f}, that of word frequencies alone (unigram model) "
                    "{:.3f}; no model or picture in {} has changed; train longer or try another --lr than {}",
                    history.valid.points.back().y, task.unigram_loss, options.out, task.learning_rate));
  translator.model = std::move(best);
  return history;
}

}  // namespace heed::examples
