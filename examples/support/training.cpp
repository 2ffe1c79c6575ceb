#include "examples/support/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <iostream>
#include <optional>

#include "examples/support/program.h"
#include "examples/support/stop_signals.h"
#include "heed/autograd/backward.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/train/progress.h"
#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// A run while it runs: what its checkpoints hold besides the program's parts, when they are written, and what is shown.
class Training {
 public:
  explicit Training(const TrainingRun& run)
      : run_(run), adam_(run.parameters, {.learning_rate = run.learning_rate}), checkpoint_(run.checkpoint) {
    checkpoint_.require("steps", std::to_string(run.steps));
    checkpoint_.require("learning rate", fmt::format("{}", run.learning_rate));
    checkpoint_.add("optimizer", adam_);
    checkpoint_.add("step", step_);
    checkpoint_.add("seconds", history_.seconds);
    add_series("training_loss", history_.train);
    add_series("validation_loss", history_.valid);
  }

  TrainingHistory operator()() {
    if (!run_.options) {
      const double start = now();
      while (step_ < run_.steps) advance();
      history_.seconds = now() - start;
      return history_;
    }
    const StopSignals signals;
    CheckpointFiles files{run_.options->out, run_.options->checkpoints};
    if (const std::string resumed = files.resume(checkpoint_); !resumed.empty()) {
      check_history();
      std::cout << fmt::format("{}: step {} of {}\n", resumed, step_, run_.steps) << std::flush;
    }
    const bool is_new = run_.options->checkpoints.resume.empty();
    log_.emplace(run_.options->log, description(), is_new, history_.train);
    nn::ProgressBar progress(std::cerr, {.label = "training",
                                         .total = run_.steps,
                                         .done = step_,
                                         .mode = progress_mode(run_.options->progress),
                                         .terminal = nn::inspect_terminal(2)});
    const double before = history_.seconds, start = now();
    while (step_ < run_.steps) {
      const bool validated = advance();
      progress.tick(history_.train.points.back().y);
      if (validated) {
        progress.metric(run_.metric, history_.valid.points.back().y);
        if (run_.sample && run_.options->progress != "off") progress.note(run_.sample());
      }
      const std::int64_t every = files.flags.every;
      const bool stops = StopSignals::received() != 0;
      history_.seconds = before + now() - start;
      if (stops || step_ == run_.steps || (every > 0 ? step_ % every == 0 : validated)) {
        log_->sync();
        files.save(checkpoint_);
      }
      if (stops) {
        progress.finish();
        stopped(StopSignals::received());
      }
    }
    progress.finish();
    if (const int signal = StopSignals::received()) stopped(signal);  // during the last checkpoint
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

  // One step, and a validation where one is due: then true.
  bool advance() {
    train();
    const bool validates = run_.validation_loss && (step_ % run_.steps_per_validation == 0 || step_ == run_.steps);
    if (validates) validate();
    return validates;
  }

  void train() {
    const double left = static_cast<double>(run_.steps - step_) / static_cast<double>(run_.steps);
    const double rate = run_.learning_rate * std::min(1.0, 2 * left);
    adam_.config().learning_rate = rate;
    adam_.zero_grad();
    const Variable loss = run_.next_loss();
    ++step_;
    if (!std::isfinite(loss.item())) diverged();
    backward(loss);
    const double norm = nn::clip_grad_norm(run_.parameters.variables, run_.gradient_norm);
    adam_.step();
    history_.train.points.push_back({static_cast<double>(step_), loss.item()});
    if (log_) log_->step(step_, loss.item(), rate, norm);
  }

  void validate() {
    const double valid = run_.validation_loss();
    if (!std::isfinite(valid)) diverged();
    history_.valid.points.push_back({static_cast<double>(step_), valid});
    if (log_) log_->validation(step_, valid);
    if (valid < std::min(history_.best_loss, run_.below)) {
      history_.best_loss = valid;
      run_.better(step_);
    }
  }

  // A file that somebody has made may say anything.
  void check_history() {
    const auto finite = [](const nn::Point& point) { return std::isfinite(point.x) && std::isfinite(point.y); };
    if (step_ < 0 || step_ > run_.steps || std::ssize(history_.train.points) != step_ ||
        !std::ranges::all_of(history_.train.points, finite) || !std::ranges::all_of(history_.valid.points, finite) ||
        !(std::isfinite(history_.seconds) && history_.seconds >= 0))
      throw FormatError(fmt::format("checkpoint: step {} of {}, {} losses, {} seconds: no run has saved this", step_,
                                    run_.steps, history_.train.points.size(), history_.seconds));
    for (const nn::Point& point : history_.valid.points)
      if (point.y < std::min(history_.best_loss, run_.below)) history_.best_loss = point.y;
  }

  nn::JsonLines::Fields description() const {
    return {{"program", run_.options->program},
            {"data", run_.options->data},
            {"seed", std::to_string(run_.options->seed)},
            {"steps", run_.steps},
            {"batch", run_.options->batch},
            {"resumed_at", step_}};
  }

  [[noreturn]] void stopped(int signal) const {
    throw Stopped(signal, fmt::format("stopped by {} after step {} of {}; --resume goes on from {}",
                                      signal == SIGINT ? "SIGINT" : "SIGTERM", step_, run_.steps,
                                      run_.options->in_out(checkpoint_name).string()));
  }

  // The loss is no longer a number. No later one will be.
  [[noreturn]] void diverged() const {
    throw Error(fmt::format("training diverged: the loss of step {} is not a finite number{}{}", step_,
                            run_.kept ? "; " + run_.kept(history_.best_loss) : "", run_.advice));
  }

  const TrainingRun& run_;
  nn::Adam adam_;
  nn::Checkpoint checkpoint_;
  std::optional<TrainingLog> log_;
  std::int64_t step_ = 0;
  TrainingHistory history_;
};

}  // namespace

TrainingHistory run_training(const TrainingRun& run) { return Training(run)(); }

}  // namespace heed::examples
