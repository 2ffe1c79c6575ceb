#include "heed/nn/embedding.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

std::optional<std::int64_t> from_the_beginning(const Embedding::Config& c) {
  if (!c.padding_idx) return {};
  const std::int64_t row = *c.padding_idx, count = c.num_embeddings;
  if (row < -count || row >= count)
    throw IndexError(fmt::format("embedding: padding_idx {} is outside {} embeddings", row, count));
  return row < 0 ? row + count : row;
}

const Embedding::Config& checked(const Embedding::Config& c) {
  check_sizes("embedding", {{"num_embeddings", c.num_embeddings}, {"embedding_dim", c.embedding_dim}});
  from_the_beginning(c);
  return c;
}

Tensor standard_normal(const ParameterSpec& p, Generator& generator) {
  return normal(generator, p.shape, 0, 1, p.dtype);
}

Tensor padding_row(const Tensor& weight, std::int64_t row) { return select(weight, 0, row); }

// The weight as `source` gives it, but for the padding row. A rule's own tensor stays as it is.
Parameter table(const Embedding::Config& c, const ParameterSource& source) {
  Parameter weight =
      source.make({{checked(c).num_embeddings, c.embedding_dim}, ParameterKind::weight, c.dtype}, standard_normal);
  if (!c.padding_idx || !weight.defined()) return weight;
  Tensor numbers = weight.value().clone(), padding = padding_row(numbers, *c.padding_idx);
  fill(padding, 0);
  return Parameter(std::move(numbers));
}

}  // namespace

Embedding::Embedding(const Config& c, const ParameterSource& source)
    : weight(table(c, source)), padding_idx(from_the_beginning(c)) {}

Variable Embedding::forward(const Tensor& ids) const {
  check_defined("embedding", "ids", ids);
  const Variable rows = index_select(weight, 0, ids);
  if (!padding_idx) return rows;
  const Tensor is_word = logical_not(equal(ids, *padding_idx)),  // an id may count from the end, too
      is_word_from_end = logical_not(equal(ids, *padding_idx - weight.size(0)));
  return where(unsqueeze(logical_and(is_word, is_word_from_end), -1), rows, 0);
}

void Embedding::after_load(const std::set<const Node*>& tied) const {
  if (!padding_idx || !weight.defined() || tied.contains(weight.handle().node().get())) return;
  Tensor padding = padding_row(weight.value(), *padding_idx);
  fill(padding, 0);
}

}  // namespace heed::nn
