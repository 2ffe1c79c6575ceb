#include "heed/nn/embedding.h"

#include "heed/autograd/index.h"
#include "heed/nn/require_sizes.h"

namespace heed::nn {

Embedding::Embedding(const Config& config, Generator& generator) {
  require_sizes("embedding", {{"count", config.count}, {"width", config.width}});
  weight = Parameter(normal(generator, {config.count, config.width}, 0, 1, config.dtype));
}

Variable Embedding::forward(const Tensor& ids) const { return index_select(weight, 0, ids); }

}  // namespace heed::nn
