#include "examples/support/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "examples/support/program.h"
#include "heed/autograd/backward.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/train/progress.h"
#include "heed/nn/train/terminal.h"

namespace heed::examples {
namespace {

// For a loss that is no longer a number. No later one will be.
[[noreturn]] void diverged(std::int64_t step, const TrainingRun& run, const TrainingHistory& history) {
  throw Error(fmt::format("training diverged: the loss of step {} is not a finite number{}{}", step,
                          run.kept ? "; " + run.kept(history.best_loss) : "", run.advice));
}

}  // namespace

TrainingHistory run_training(const TrainingRun& run) {
  TrainingHistory history;
  nn::Adam adam(run.parameters, {.learning_rate = run.learning_rate});
  nn::ProgressBar progress(std::cerr, {.label = "training",
                                       .total = run.steps,
                                       .mode = progress_mode(run.progress),
                                       .terminal = nn::inspect_terminal(2)});
  const double start = now();
  for (std::int64_t step = 1; step <= run.steps; ++step) {
    const double left = static_cast<double>(run.steps - step + 1) / static_cast<double>(run.steps);
    adam.config.learning_rate = run.learning_rate * std::min(1.0, 2 * left);
    adam.zero_grad();
    const Variable loss = run.next_loss();
    if (!std::isfinite(loss.item())) diverged(step, run, history);
    backward(loss);
    nn::clip_grad_norm(run.parameters, run.gradient_norm);
    adam.step();
    history.train.points.push_back({static_cast<double>(step), loss.item()});
    progress.tick(loss.item());
    if (!run.validation_loss || (step % run.steps_per_validation != 0 && step != run.steps)) continue;
    const double valid = run.validation_loss();
    if (!std::isfinite(valid)) diverged(step, run, history);
    history.valid.points.push_back({static_cast<double>(step), valid});
    progress.metric(run.metric, valid);
    if (valid < std::min(history.best_loss, run.below)) {
      history.best_loss = valid;
      run.better(step);
    }
  }
  history.seconds = now() - start;
  progress.finish();
  return history;
}

}  // namespace heed::examples
