#include "heed/nn/attention/score/uniform.h"

#include "heed/tensor/create.h"

namespace heed::nn {

Variable UniformScore::forward(const Variable& query, const Variable& keys) {
  const Sizes size =
      check_shapes("uniform score", {{"query", query.value(), "B T Q"}, {"keys", keys.value(), "B S K"}});
  return Variable(zeros({size['B'], size['T'], size['S']}, query.dtype()));
}

}  // namespace heed::nn
