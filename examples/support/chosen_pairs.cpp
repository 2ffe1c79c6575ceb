#include "examples/support/chosen_pairs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "heed/nn/data/text.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

using Pairs = std::vector<nn::SentencePair>;

// Level::spaced_words where blanks divide text of a script that is usually written without any.
Level level_of(const Pairs& pairs, std::string nn::SentencePair::* side) {
  std::vector<std::string_view> lines;
  for (const nn::SentencePair& pair : pairs) lines.push_back(pair.*side);
  return nn::detect_text_options(lines).split_characters ? Level::words : Level::spaced_words;
}

// The number of words that 98 % of the pairs do not exceed on either side, within bounds; no limit but the upper bound
// when there are few.
std::int64_t suited_max_words(std::vector<std::int64_t> lengths) {
  if (static_cast<std::int64_t>(lengths.size()) < few_pairs) return most_words;
  const auto percentile = lengths.begin() + static_cast<std::ptrdiff_t>((lengths.size() * 98 + 99) / 100) - 1;
  std::nth_element(lengths.begin(), percentile, lengths.end());
  return std::clamp<std::int64_t>(*percentile, 10, most_words);
}

}  // namespace

ChosenPairs choose_pairs(const TaskOptions& options, Generator& generator) {
  Pairs pairs = nn::read_sentence_pairs(options.data);
  const auto read = static_cast<std::int64_t>(pairs.size());
  ChosenPairs chosen{.pairs = {},
                     .source_level = level_of(pairs, &nn::SentencePair::source),
                     .target_level = level_of(pairs, &nn::SentencePair::target),
                     .notes = {}};
  std::vector<std::int64_t> lengths;
  for (const nn::SentencePair& pair : pairs)
    lengths.push_back(static_cast<std::int64_t>(
        std::max(split(chosen.source_level, pair.source).size(), split(chosen.target_level, pair.target).size())));
  const std::int64_t max_words = options.max_words ? options.max_words : suited_max_words(lengths);
  Pairs short_enough;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (lengths[i] <= max_words) short_enough.push_back(std::move(pairs[i]));
  const auto found = static_cast<std::int64_t>(short_enough.size());
  if (found == 0)
    throw FormatError(
        fmt::format("{}: all {} pairs have more than {} words on one side, the limit (--max-words); the "
                    "shortest has {}",
                    options.data, read, max_words, *std::min_element(lengths.begin(), lengths.end())));

  std::vector<std::string> dropped;
  if (found < read)
    dropped.push_back(fmt::format("{} have more than {} words on one side (--max-words)", read - found, max_words));
  if (found > options.max_pairs) {
    dropped.push_back(fmt::format("{} drawn at random (--max-pairs {})", found - options.max_pairs, options.max_pairs));
    std::vector<std::int64_t> order = permutation(generator, found);
    order.resize(static_cast<std::size_t>(options.max_pairs));
    for (std::int64_t row : order) chosen.pairs.push_back(std::move(short_enough[static_cast<std::size_t>(row)]));
  } else {
    chosen.pairs = std::move(short_enough);
  }
  const auto kept = static_cast<std::int64_t>(chosen.pairs.size());
  chosen.notes.push_back(fmt::format("{} pairs read, {} kept, {} left out{}", read, kept, read - kept,
                                     dropped.empty() ? "" : fmt::format(": {}", fmt::join(dropped, ", "))));
  return chosen;
}

}  // namespace heed::examples
