#include "examples/attention_grid/with_align.h"
#include "heed/nn/attention/align/sum_normalised.h"

namespace heed::examples {

ScoreTable with_sum() { return every_score_with<nn::SumNormalisedAlign>(); }

}  // namespace heed::examples
