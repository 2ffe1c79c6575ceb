#include "heed/models/tasks/headlines.h"

#include <fmt/format.h>

#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {

HeadlineBatch make_headlines(const HeadlinesConfig& c, std::int64_t batch, Generator& generator) {
  if (batch < 0 || c.marked < 1 || c.length / 2 < c.marked || c.length - c.marked > c.vocabulary)
    throw ShapeError(
        fmt::format("headlines: {} articles of {} tokens, {} of them marked, {} words, expected no "
                    "negative number of articles, a mark or more, two tokens for each, and as many words "
                    "as an article has",
                    batch, c.length, c.marked, c.vocabulary));
  const std::int64_t words = c.length - c.marked;
  std::vector<std::int64_t> articles, headlines, positions;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::vector<std::int64_t> order = permutation(generator, c.vocabulary),
                                    chosen = permutation(generator, words);
    std::vector<bool> is_marked(to_size(words));
    for (std::int64_t i = 0; i < c.marked; ++i) is_marked[to_size(chosen[to_size(i)])] = true;
    const std::size_t begin = articles.size();
    for (std::int64_t i = 0; i < words; ++i) {
      const std::int64_t word = 1 + order[to_size(i)];
      if (is_marked[to_size(i)]) {
        articles.push_back(0);
        headlines.push_back(word);
        positions.push_back(static_cast<std::int64_t>(articles.size() - begin));
      }
      articles.push_back(word);
    }
  }
  return {tensor(articles, {batch, c.length}), tensor(headlines, {batch, c.marked}),
          tensor(positions, {batch, c.marked})};
}

}  // namespace heed::models
