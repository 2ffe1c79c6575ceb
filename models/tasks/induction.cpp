#include "heed/models/tasks/induction.h"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {

InductionBatch make_inductions(const InductionConfig& c, std::int64_t batch, Generator& generator) {
  if (batch < 0 || c.pairs < 1 || c.vocabulary / 2 < c.pairs)
    throw ShapeError(
        fmt::format("induction: {} rows of {} pairs of {} tokens, expected no negative number of rows, a "
                    "pair or more, and twice as many tokens",
                    batch, c.pairs, c.vocabulary));
  std::vector<std::int64_t> ids, source;
  std::vector<float> known;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::vector<std::int64_t> tokens = permutation(generator, c.vocabulary);  // pair i: tokens 2i and 2i + 1
    ids.insert(ids.end(), tokens.begin(), tokens.begin() + 2 * c.pairs);
    source.insert(source.end(), to_size(2 * c.pairs), -1);
    known.insert(known.end(), to_size(2 * c.pairs), 0.0F);
    std::vector<std::int64_t> order(to_size(c.pairs));
    std::iota(order.begin(), order.end(), 0);
    if (c.shuffled) order = permutation(generator, c.pairs);
    for (const std::int64_t pair : order) {
      ids.push_back(tokens[to_size(2 * pair)]);
      source.push_back(2 * pair + 1);
      known.push_back(1);
      ids.push_back(tokens[to_size(2 * pair + 1)]);
      source.push_back(-1);
      known.push_back(0);
    }
  }
  const Shape shape{batch, 4 * c.pairs};
  return {tensor(ids, shape), tensor(known, shape), tensor(source, shape)};
}

}  // namespace heed::models
