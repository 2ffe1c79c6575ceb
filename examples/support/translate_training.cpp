#include "examples/support/translate_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "examples/support/write_file.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"

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

}  // namespace

TranslateHistory train(TranslationTask& task, const TranslateOptions& options) {
  Translator& translator = task.translator;
  models::RnnSearch best = translator.model;
  std::int64_t tokens = 0;
  nn::Checkpoint run;
  require_settings(run, options);
  run.require("hidden", fmt::to_string(options.hidden));
  run.require("readout", options.readout);
  run.require("data", task.data);
  require_subwords(run, translator.tokenizer.subwords ? &*translator.tokenizer.subwords : nullptr);
  run.add("model", translator.model);
  run.add("best", best);
  run.add("tokens", tokens);
  task.add_position(run);
  const TrainingHistory history =
      run_training({.parameters = nn::named_parameters(translator.model),
                    .steps = task.steps,
                    .steps_per_validation = task.steps_per_validation,
                    .learning_rate = task.learning_rate,
                    .next_loss =
                        [&] {
                          const TrainingBatch batch = task.next_batch();
                          tokens += batch.tokens;
                          return batch_loss(translator.model, batch);
                        },
                    .validation_loss = [&] { return validation_loss(translator, task.validation); },
                    .better =
                        [&](std::int64_t step) {
                          best = translator.model;
                          if (step < task.steps) translator.save(behind_links(options.in_out(unfinished_name)));
                        },
                    .below = task.unigram_loss,
                    .kept =
                        [&](double best_loss) {
                          return fmt::format("no model or picture in {} has changed{}", options.out,
                                             std::isfinite(best_loss)
                                                 ? fmt::format(", the best model before (loss {:.3f}) is {}", best_loss,
                                                               options.in_out(unfinished_name).string())
                                                 : "");
                        },
                    .metric = task.held_out ? "valid" : "all pairs",
                    .checkpoint = run,
                    .options = &options});
  if (!std::isfinite(history.best_loss))
    throw Error(
        fmt::format("no model came of it: the loss is {:.3f}, that of word frequencies alone (unigram model) "
                    "{:.3f}; no model or picture in {} has changed; train longer or try another --lr than {}",
                    history.valid.points.back().y, task.unigram_loss, options.out, task.learning_rate));
  translator.model = std::move(best);
  TranslateHistory result{history, tokens};
  if (!task.held_out) result.valid.name = "all training pairs";
  return result;
}

}  // namespace heed::examples
