#include "heed/nn/attention/score/elu_dot.h"

#include "heed/nn/attention/align/linear_attention.h"
#include "heed/nn/attention/score/dot.h"

namespace heed::nn {

Variable EluDotScore::project_keys(const Variable& keys) { return elu_features(keys); }

Variable EluDotScore::forward(const Variable& query, const Variable& projected) {
  return DotScore::forward(elu_features(query), projected);
}

}  // namespace heed::nn
