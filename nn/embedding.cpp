#include "heed/nn/embedding.h"

#include "heed/autograd/ops/index.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const Embedding::Config& checked(const Embedding::Config& c) {
  check_sizes("embedding", {{"count", c.count}, {"width", c.width}});
  return c;
}

}  // namespace

Embedding::Embedding(const Config& c, Generator& generator)
    : weight(normal(generator, {checked(c).count, c.width}, 0, 1, c.dtype)) {}

Variable Embedding::forward(const Tensor& ids) const {
  check_defined("embedding", "ids", ids);
  return index_select(weight, 0, ids);
}

}  // namespace heed::nn
