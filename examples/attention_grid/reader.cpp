#include "examples/attention_grid/reader.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::examples {

AttentionMaker attention_named(const std::string& score, const std::string& align) {
  return [=](const AttentionSizes& sizes, const nn::ParameterSource& source) {
    std::unique_ptr<AnyAttention> attention = make_attention(score, align, sizes, source);
    if (!attention) throw Error(fmt::format("{} and {} do not go together", score, align));
    return attention;
  };
}

const std::vector<GridTask>& grid_tasks() {
  static const std::vector<GridTask> tasks{
      {"recall", "question", "a question from outside", recall_by_question, 1000, 400},
      {"recall", "text", "the text itself", recall_by_itself, 1000, 400},
      {"swap", "state", "the state, as Luong", swap_by_state, 800, 300, 5e-3},
      {"swap", "previous state", "the state before, as Bahdanau", swap_by_previous_state, 800, 300, 5e-3},
      {"needle", "learned", "one learned query", needle_by_learned_query, 1000, 300}};
  return tasks;
}

}  // namespace heed::examples
