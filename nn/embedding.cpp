#include "heed/nn/embedding.h"

#include "heed/autograd/index.h"

namespace heed::nn {

Embedding::Embedding(const Config& config, Generator& generator)
    : weight(normal(generator, {config.count, config.width}, 0, 1, config.dtype)) {}

Variable Embedding::forward(const Tensor& ids) const { return index_select(weight, 0, ids); }

}  // namespace heed::nn
