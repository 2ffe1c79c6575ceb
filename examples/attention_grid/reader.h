// The tasks of the grid as networks around one attention, all trained in one way.
#pragma once

#include <functional>
#include <string>

#include "examples/attention_grid/any_attention.h"
#include "heed/models/tasks/recall.h"
#include "heed/tensor/random/random.h"

namespace heed::examples {

/// What a network answered to a batch.
struct Answers {
  Variable logits;  ///< [B, T, V]
  Tensor wanted;    ///< [B, T] i64
  Tensor counted;   ///< [B, T] f32, 0 for padding; undefined: all
  nn::AttentionOutput found;
};

/// A network that answers batches of one task.
class Reader {
 public:
  virtual ~Reader() = default;

  /// Draws a batch from `examples`; aligns that draw take their numbers from `draws`, none: they do not draw.
  virtual Answers answer(std::int64_t batch, Generator& examples, Generator* draws) const = 0;
  virtual std::vector<Variable> parameters() const = 0;
};

using AttentionMaker = std::function<std::unique_ptr<AnyAttention>(const AttentionSizes&, const nn::ParameterSource&)>;

/// Makes the network around the attention that `make` makes.
using ReaderMaker = std::unique_ptr<Reader> (*)(const AttentionMaker& make, const nn::ParameterSource& source,
                                                bool quick);

/// Whoever asks, and what is asked: a column of tables.
struct GridTask {
  std::string name;   ///< "recall"
  std::string query;  ///< the query's source: "question"
  std::string title;  ///< the same in more words: "a question from outside"
  ReaderMaker make;
  std::int64_t steps, quick_steps;
  double learning_rate = 1e-2;
};

const std::vector<GridTask>& grid_tasks();

/// Recall of any size, asked from outside, with vectors of this width.
std::unique_ptr<Reader> recall_reader(const models::RecallConfig& task, std::int64_t width, const AttentionMaker& make,
                                      const nn::ParameterSource& source);

/// The attention of these names, for a Reader. Error where they do not go together.
AttentionMaker attention_named(const std::string& score, const std::string& align);

std::unique_ptr<Reader> recall_by_question(const AttentionMaker& make, const nn::ParameterSource& source, bool quick);
std::unique_ptr<Reader> recall_by_itself(const AttentionMaker& make, const nn::ParameterSource& source, bool quick);
std::unique_ptr<Reader> needle_by_learned_query(const AttentionMaker& make, const nn::ParameterSource& source,
                                                bool quick);
std::unique_ptr<Reader> swap_by_state(const AttentionMaker& make, const nn::ParameterSource& source, bool quick);
std::unique_ptr<Reader> swap_by_previous_state(const AttentionMaker& make, const nn::ParameterSource& source,
                                               bool quick);

}  // namespace heed::examples
