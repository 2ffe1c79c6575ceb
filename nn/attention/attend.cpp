#include "heed/nn/attention/attend.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {
namespace {

// The products of each query with the values that it may see, one after the other.
template <class Product>
Variable by_query(const Variable& weights, const Tensor& mask, const Variable& values, const Product& product) {
  const std::int64_t batch = weights.size(0), queries = weights.size(1), keys = weights.size(2);
  const Tensor allowed = expand(mask, {batch, queries, keys});
  std::vector<Variable> contexts;
  for (std::int64_t t = 0; t < queries; ++t)
    contexts.push_back(product(slice(weights, 1, t, t + 1), mask_padding(values, slice(allowed, 1, t, t + 1))));
  return concat(contexts, 1);
}

template <class Product>
Variable safe_product(const Variable& weights, const Tensor& mask, const Variable& values, const Product& product) {
  const bool differs = mask.defined() && mask.rank() > 1 && mask.size(-2) > 1;  // from query to query
  if (!differs || all_finite(values.value())) return product(weights, values);
  return by_query(weights, mask, values, product);
}

}  // namespace

Variable weighted_sum(const Variable& weights, const Tensor& mask, const Variable& values) {
  return safe_product(weights, mask, values, [](const Variable& w, const Variable& v) { return matmul(w, v); });
}

Variable weighted_sum_of_features(const Variable& weights, const Tensor& mask, const Variable& values) {
  return safe_product(weights, mask, values,
                      [](const Variable& w, const Variable& v) { return sum(w * unsqueeze(v, 1), 2); });
}

namespace detail {

namespace {

// One more than the last position that some query may attend to, of each example: [B, 1, 1].
Tensor source_lengths(const Tensor& mask, std::int64_t batch, std::int64_t keys) {
  if (!mask.defined() || keys == 0) return full({batch, 1, 1}, keys, DType::i64);
  const Tensor after = expand(arange(keys) + 1, {batch, 1, keys});
  return max(where(attended_keys(mask), after, zeros(after.shape(), DType::i64)), 2, true);
}

}  // namespace

AlignQueries with_lengths(AlignQueries queries, const Tensor& mask, std::int64_t batch) {
  if (!queries.lengths.defined()) queries.lengths = source_lengths(mask, batch, queries.keys);
  const std::int64_t end = queries.first_query + queries.queries;
  if (queries.target_length == 0) queries.target_length = end;
  if (queries.first_query < 0 || end > queries.target_length)
    throw Error(fmt::format("attention: queries {} to {} of {}", queries.first_query, end, queries.target_length));
  return queries;
}

AlignQueries complete(AlignQueries queries, const Variable& scores, const Tensor& mask) {
  check_defined("attend", "scores", scores.value());
  if (scores.rank() < 3) throw ShapeError("attend: scores " + scores.shape().str() + ": expected [B, T, S]");
  const std::int64_t batch = scores.size(0);
  queries.queries = scores.size(1);
  queries.keys = scores.size(2);
  return with_lengths(std::move(queries), mask.defined() ? expand(mask, {batch, queries.queries, queries.keys}) : mask,
                      batch);
}

}  // namespace detail
}  // namespace heed::nn
