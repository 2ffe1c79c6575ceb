#include "examples/attention_grid/with_align.h"
#include "heed/nn/attention/align/hard.h"

namespace heed::examples {

ScoreTable with_hard() { return every_score_with<nn::HardAlign>(); }

}  // namespace heed::examples
