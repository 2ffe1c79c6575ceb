#include "examples/attention_grid/with_align.h"
#include "heed/nn/attention/align/diagonal.h"

namespace heed::examples {

ScoreTable with_diagonal() { return every_score_with<nn::DiagonalAlign>(); }

}  // namespace heed::examples
