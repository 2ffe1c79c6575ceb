// One cell of the grid: a training, and what came of it.
#pragma once

#include "examples/attention_grid/reader.h"

namespace heed::examples {

enum class CellState : std::uint8_t {
  trained,
  impossible,   ///< the two do not go together
  refused,      ///< an Error: scores below 0 for an align that divides by their sum
  diverged,     ///< a loss that is no number
  out_of_time,  ///< longer than it may take
};

struct Cell {
  CellState state = CellState::trained;
  double accuracy = 0;      ///< of those that were trained
  std::string reason = {};  ///< why it was refused
};

/// Its accuracy; Error with what else happened, and why, unless it was trained.
double trained_accuracy(const Cell& cell);

/// "0.994", or what else happened in one word.
std::string cell_text(const Cell& cell);

struct ReaderTraining {
  std::int64_t steps = 0;
  double learning_rate = 1e-2;
  double seconds = 600;  ///< looked at after each step
  std::int64_t batch = 64, tests = 1000;
};

/// Trains the network on fresh batches drawn from examples.split(0) and tests it on others, from examples.split(1),
/// where no align draws. Where an align draws keys, the loss is that of Xu et al. 2015: cross-entropy, REINFORCE with
/// the logarithm of the answer's probability as reward and a moving average as baseline, and 0.01 times the entropy.
/// What goes wrong is a state of the cell, no exception.
Cell train_reader(const Reader& reader, const ReaderTraining& training, const Generator& examples);

/// The share of answers that are right among those that count.
double share_right(const Answers& answers);

}  // namespace heed::examples
