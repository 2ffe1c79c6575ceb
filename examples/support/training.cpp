#include "examples/support/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <iostream>
#include <memory>

#include "examples/support/program.h"
#include "examples/support/stop_signals.h"
#include "heed/autograd/backward.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/train/progress.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"

namespace heed::examples {
namespace {

// A run while it runs: what its checkpoints hold besides the program's parts, and when they are written.
class Training {
 public:
  explicit Training(const TrainingRun& run)
      : run_(run),
        adam_(run.parameters, {.learning_rate = run.learning_rate}),
        checkpoint_(run.checkpoint),
        saves_(!run.files.folder.empty()) {
    checkpoint_.require("steps", std::to_string(run.steps));
    checkpoint_.require("learning rate", fmt::format("{}", run.learning_rate));
    checkpoint_.add("optimizer", adam_);
    checkpoint_.add("step", step_);
    checkpoint_.add("seconds", history_.seconds);
    checkpoint_.add("best_loss", history_.best_loss);
    add_series("training_loss", history_.train);
    add_series("validation_loss", history_.valid);
  }

  TrainingHistory operator()() {
    if (saves_) signals_ = std::make_unique<StopSignals>();
    if (const std::string resumed = run_.files.resume(checkpoint_); !resumed.empty())
      std::cout << fmt::format("{}: step {} of {}\n", resumed, step_, run_.steps) << std::flush;
    nn::ProgressBar progress(std::cerr, {.label = "training",
                                         .total = run_.steps,
                                         .done = step_,
                                         .mode = progress_mode(run_.progress),
                                         .terminal = nn::inspect_terminal(2)});
    const double before = history_.seconds, start = now();
    const auto save = [&] {
      history_.seconds = before + now() - start;
      if (saves_) run_.files.save(checkpoint_);
    };
    while (step_ < run_.steps) {
      progress.tick(train());
      const bool validates = run_.validation_loss && (step_ % run_.steps_per_validation == 0 || step_ == run_.steps);
      if (validates) {
        validate();
        progress.metric(run_.metric, history_.valid.points.back().y);
      }
      const std::int64_t every = run_.files.flags.every;
      const int signal = signals_ ? StopSignals::received() : 0;
      if (signal != 0 || step_ == run_.steps || (every > 0 ? step_ % every == 0 : validates)) save();
      if (signal != 0) {
        progress.finish();
        throw Stopped(signal, fmt::format("stopped by {} after step {} of {}; --resume goes on from {}",
                                          signal == SIGINT ? "SIGINT" : "SIGTERM", step_, run_.steps,
                                          (run_.files.folder / checkpoint_name).string()));
      }
    }
    progress.finish();
    return history_;
  }

 private:
  void add_series(const char* name, nn::Series& series) {
    checkpoint_.add(
        name,
        [&series] {
          std::vector<double> numbers;
          for (const auto& point : series.points) numbers.insert(numbers.end(), {point.x, point.y});
          return nn::StateDict{{"", tensor(numbers, {std::ssize(series.points), 2})}};
        },
        [&series](const nn::StateDict& state) {
          const auto found = state.find("");
          if (found == state.end() || found->second.dtype() != DType::f64 || found->second.rank() != 2 ||
              found->second.size(1) != 2)
            throw FormatError("expected f64 [n, 2]");
          series.points.clear();
          const double* numbers = found->second.data<double>();
          for (std::int64_t i = 0; i < found->second.size(0); ++i)
            series.points.push_back({numbers[2 * i], numbers[2 * i + 1]});
        });
  }

  // One step; its loss.
  double train() {
    const double left = static_cast<double>(run_.steps - step_) / static_cast<double>(run_.steps);
    adam_.config().learning_rate = run_.learning_rate * std::min(1.0, 2 * left);
    adam_.zero_grad();
    const Variable loss = run_.next_loss();
    ++step_;
    if (!std::isfinite(loss.item())) diverged();
    backward(loss);
    nn::clip_grad_norm(run_.parameters.variables, run_.gradient_norm);
    adam_.step();
    history_.train.points.push_back({static_cast<double>(step_), loss.item()});
    return loss.item();
  }

  void validate() {
    const double valid = run_.validation_loss();
    if (!std::isfinite(valid)) diverged();
    history_.valid.points.push_back({static_cast<double>(step_), valid});
    if (valid < std::min(history_.best_loss, run_.below)) {
      history_.best_loss = valid;
      run_.better(step_);
    }
  }

  // The loss is no longer a number. No later one will be.
  [[noreturn]] void diverged() const {
    throw Error(fmt::format("training diverged: the loss of step {} is not a finite number{}{}", step_,
                            run_.kept ? "; " + run_.kept(history_.best_loss) : "", run_.advice));
  }

  const TrainingRun& run_;
  nn::Adam adam_;
  nn::Checkpoint checkpoint_;
  bool saves_;
  std::unique_ptr<StopSignals> signals_;
  std::int64_t step_ = 0;
  TrainingHistory history_;
};

}  // namespace

TrainingHistory run_training(const TrainingRun& run) { return Training(run)(); }

}  // namespace heed::examples
