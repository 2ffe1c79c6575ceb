#include "heed/models/tasks/copy.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::models {

SequencePair make_copy(const CopyConfig& c, Generator& generator) {
  if (c.vocabulary < 1 || c.shortest < 0 || c.longest < c.shortest)
    throw ShapeError(
        fmt::format("copy: {} tokens, lengths from {} to {}, expected one token or more and 0 <= shortest "
                    "<= longest",
                    c.vocabulary, c.shortest, c.longest));
  const std::int64_t length = c.shortest + generator.uniform_int(c.longest - c.shortest + 1);
  SequencePair pair;
  for (std::int64_t i = 0; i < length; ++i) pair.source.push_back(generator.uniform_int(c.vocabulary));
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int64_t from = c.reversed ? length - 1 - i : i;
    pair.target.push_back(pair.source[to_size(from)]);
    pair.alignment.push_back({from});
  }
  return pair;
}

}  // namespace heed::models
