#include "heed/models/tasks/swap.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::models {

SequencePair make_swap(const SwapConfig& c, Generator& generator) {
  if (c.vocabulary < 1 || c.length < 0)
    throw ShapeError(fmt::format("swap: {} tokens, length {}, expected one token or more and no negative length",
                                 c.vocabulary, c.length));
  SequencePair pair;
  for (std::int64_t i = 0; i < c.length; ++i) pair.source.push_back(generator.uniform_int(c.vocabulary));
  for (std::int64_t i = 0; i < c.length; ++i) {
    const bool alone = i % 2 == 0 && i + 1 == c.length;
    const std::int64_t from = alone ? i : i % 2 == 0 ? i + 1 : i - 1, token = pair.source[to_size(from)];
    for (int times = token == 0 ? 2 : 1; times > 0; --times) {
      pair.target.push_back(token);
      pair.alignment.push_back({from});
    }
  }
  return pair;
}

}  // namespace heed::models
