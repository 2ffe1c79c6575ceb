#include "examples/attention_grid/with_align.h"

namespace heed::examples {

ScoreTable with_local_m() { return every_score_with<nn::LocalMonotonicAlign>(); }

}  // namespace heed::examples
