#include "examples/attention_grid/with_align.h"

namespace heed::examples {

ScoreTable with_local_p() { return every_score_with<nn::LocalPredictiveAlign>(); }

}  // namespace heed::examples
