// Swap (models/tasks/swap.h): a translation, asked by either state of the decoder.
#include "heed/models/tasks/swap.h"

#include "examples/attention_grid/pair_translator.h"

namespace heed::examples {
namespace {

std::unique_ptr<Reader> translator(Asking asking, const AttentionMaker& make, const nn::ParameterSource& source,
                                   bool quick) {
  const models::SwapConfig task{.length = quick ? 6 : 12};
  return std::make_unique<PairTranslator>(
      PairTranslatorConfig{.vocabulary = task.vocabulary,
                           .positions = task.length,
                           .asking = asking,
                           .draw = [task](Generator& examples) { return models::make_swap(task, examples); }},
      make, source);
}

}  // namespace

std::unique_ptr<Reader> swap_by_state(const AttentionMaker& make, const nn::ParameterSource& source, bool quick) {
  return translator(Asking::state, make, source, quick);
}

std::unique_ptr<Reader> swap_by_previous_state(const AttentionMaker& make, const nn::ParameterSource& source,
                                               bool quick) {
  return translator(Asking::previous_state, make, source, quick);
}

}  // namespace heed::examples
