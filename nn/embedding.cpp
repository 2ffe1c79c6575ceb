#include "heed/nn/embedding.h"

#include "heed/autograd/ops/index.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const Embedding::Config& checked(const Embedding::Config& c) {
  check_sizes("embedding", {{"num_embeddings", c.num_embeddings}, {"embedding_dim", c.embedding_dim}});
  return c;
}

Tensor standard_normal(const ParameterSpec& p, Generator& generator) {
  return normal(generator, p.shape, 0, 1, p.dtype);
}

}  // namespace

Embedding::Embedding(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).num_embeddings, c.embedding_dim}, ParameterKind::weight, c.dtype},
                         standard_normal)) {}

Variable Embedding::forward(const Tensor& ids) const {
  check_defined("embedding", "ids", ids);
  return index_select(weight, 0, ids);
}

}  // namespace heed::nn
