#include "heed/nn/embedding.h"

#include "heed/autograd/index.h"
#include "heed/nn/require_sizes.h"

namespace heed::nn {
namespace {

const Embedding::Config& checked(const Embedding::Config& c) {
  require_sizes("embedding", {{"count", c.count}, {"width", c.width}});
  return c;
}

}  // namespace

Embedding::Embedding(const Config& c, Generator& generator)
    : weight(normal(generator, {checked(c).count, c.width}, 0, 1, c.dtype)) {}

Variable Embedding::forward(const Tensor& ids) const {
  require_defined("embedding", "ids", ids);
  return index_select(weight, 0, ids);
}

}  // namespace heed::nn
