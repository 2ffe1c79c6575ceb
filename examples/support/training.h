// The training loop of the programs: Adam, a learning rate that falls, a clipped gradient, a validation now and then.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "examples/support/train_options.h"
#include "heed/autograd/variable.h"
#include "heed/nn/named_parameters.h"
#include "heed/nn/plot/line_chart.h"

namespace heed::examples {

struct TrainingRun {
  nn::NamedParameters parameters;
  std::int64_t steps = 0, steps_per_validation = 0;  ///< there is a validation after the last step too
  double learning_rate = 0;             ///< stays for the first half of the steps, then falls in a straight line to 0
  double gradient_norm = 1;             ///< gradients are clipped to it
  std::function<Variable()> next_loss;  ///< of a fresh batch
  std::function<double()> validation_loss = {};  ///< empty: there is no validation, and nothing is better
  /// Called when the model has a lower validation loss than all before: keep it.
  std::function<void(std::int64_t step)> better = {};
  /// A model whose validation loss is not below this is not better.
  double below = std::numeric_limits<double>::infinity();
  /// What the message of a diverged training says of what was kept, given the lowest loss so far.
  std::function<std::string(double)> kept = {};
  std::string advice = "; try a smaller --lr";  ///< the end of that message
  std::string metric = "valid";                 ///< what progress calls the validation loss
  /// What the run consists of besides its optimizer, step and history: the model, the best one, the place in the data.
  nn::Checkpoint checkpoint = {};
  /// Says how progress is shown, where checkpoints and logs are; none: nothing is shown or written, and signals end the
  /// program.
  const TrainOptions* options = nullptr;
  /// A text for people after each validation, shown with the progress; empty: none.
  std::function<std::string()> sample = {};
};

struct TrainingHistory {
  nn::Series train{"training", {}}, valid{"validation", {}};
  /// Of the last model that was better; infinite when none was.
  double best_loss = std::numeric_limits<double>::infinity();
  double seconds = 0;  ///< of all sessions that the run took
};

/// Runs all steps; progress goes to standard error, and what `resume` asks for is said on standard output. Error when a
/// loss is not finite. Stopped when SIGINT or SIGTERM came: the step is finished and a checkpoint written.
TrainingHistory run_training(const TrainingRun& run);

}  // namespace heed::examples
