#include "examples/attention_grid/with_align.h"
#include "heed/nn/attention/align/gumbel_softmax.h"

namespace heed::examples {

ScoreTable with_gumbel() { return every_score_with<nn::GumbelSoftmaxAlign>(); }

}  // namespace heed::examples
