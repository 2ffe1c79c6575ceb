#include "examples/attention_grid/with_align.h"

namespace heed::examples {

ScoreTable with_softmax() { return every_score_with<nn::SoftmaxAlign>(); }

}  // namespace heed::examples
