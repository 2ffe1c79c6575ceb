#include "heed/models/tasks/recall.h"

#include <fmt/format.h>

#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/index.h"

namespace heed::models {
namespace {

void check(const RecallConfig& c, std::int64_t batch) {
  if (batch < 0 || c.asked < 1 || c.pairs < c.asked || c.keys < c.pairs || c.values < c.pairs)
    throw ShapeError(fmt::format(
        "recall: {} rows of {} pairs, {} keys asked, {} keys, {} values, expected no negative number of rows, a key "
        "or more asked, as many pairs, and as many keys and values",
        batch, c.pairs, c.asked, c.keys, c.values));
}

// The first `count` of a permutation of 0 … n - 1, for each row.
Tensor choices(std::int64_t rows, std::int64_t count, std::int64_t n, Generator& generator) {
  std::vector<std::int64_t> result;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::vector<std::int64_t> order = permutation(generator, n);
    result.insert(result.end(), order.begin(), order.begin() + count);
  }
  return tensor(result, {rows, count});
}

}  // namespace

RecallBatch make_recall(const RecallConfig& c, std::int64_t batch, Generator& generator) {
  check(c, batch);
  RecallBatch result;
  result.keys = choices(batch, c.pairs, c.keys, generator);
  result.values = choices(batch, c.pairs, c.values, generator);
  result.positions = choices(batch, c.asked, c.pairs, generator);
  result.queries = gather(result.keys, 1, result.positions);
  result.answers = gather(result.values, 1, result.positions);
  return result;
}

}  // namespace heed::models
