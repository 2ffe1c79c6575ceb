#include "examples/attention_grid/cell.h"

#include <fmt/format.h>

#include <cmath>

#include "examples/claims/training.h"
#include "examples/support/program.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/align/hard.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

struct OutOfTime : Error {
  OutOfTime() : Error("out of time") {}
};
struct Diverged : Error {
  Diverged() : Error("the loss is no number") {}
};

constexpr double entropy_weight = 0.01;

// What trains an align that draws: the answer's log-probability is the reward of the key that was drawn for it.
Variable drawing_loss(const Answers& answers, nn::MovingAverageBaseline& baseline) {
  const Tensor reward = [&] {
    const NoGrad constant;
    const Variable told = log_softmax(answers.logits);
    return squeeze(gather(told, -1, unsqueeze(answers.wanted, -1)).value(), -1);  // [B, T]
  }();
  Variable drawn = answers.found.log_probability;
  if (answers.counted.defined()) drawn = drawn * Variable(answers.counted);
  const Variable loss =
      nn::reinforce_loss(drawn, reward, baseline.value()) - mean(answers.found.entropy) * entropy_weight;
  baseline.update(reward);
  return loss;
}

}  // namespace

double trained_accuracy(const Cell& cell) {
  if (cell.state == CellState::trained) return cell.accuracy;
  throw Error(
      fmt::format("a training did not end: {}{}{}", cell_text(cell), cell.reason.empty() ? "" : ", ", cell.reason));
}

std::string cell_text(const Cell& cell) {
  switch (cell.state) {
    case CellState::trained:
      return fmt::format("{:.3f}", cell.accuracy);
    case CellState::impossible:
      return "-";
    case CellState::refused:
      return "refused";
    case CellState::diverged:
      return "diverged";
    case CellState::out_of_time:
      return "time";
  }
  return "?";
}

double share_right(const Answers& answers) { return accuracy(answers.logits.value(), answers.wanted, answers.counted); }

Cell train_reader(const Reader& reader, const ReaderTraining& training, const Generator& examples) {
  Generator fresh = examples.split(0), tests = examples.split(1), draws = examples.split(2);
  nn::MovingAverageBaseline baseline;
  const double start = now();
  try {
    train(reader.parameters(), {.steps = training.steps, .learning_rate = training.learning_rate}, [&] {
      if (now() - start > training.seconds) throw OutOfTime();
      const Answers answers = reader.answer(training.batch, fresh, &draws);
      Variable loss = cross_entropy(answers.logits, answers.wanted, answers.counted);
      if (answers.found.log_probability.defined()) loss = loss + drawing_loss(answers, baseline);
      if (!std::isfinite(loss.item())) throw Diverged();
      return loss;
    });
    const NoGrad no_gradients;
    return {CellState::trained, share_right(reader.answer(training.tests, tests, nullptr)), {}};
  } catch (const OutOfTime&) {
    return {CellState::out_of_time, 0, {}};
  } catch (const Diverged&) {
    return {CellState::diverged, 0, {}};
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    return {CellState::refused, 0, error.what()};
  }
}

}  // namespace heed::examples
