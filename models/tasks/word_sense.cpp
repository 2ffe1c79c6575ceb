#include "heed/models/tasks/word_sense.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::int64_t cue_words = 6;  // of each sense
constexpr std::array<std::array<std::string_view, cue_words>, 2> cues{
    {{"pole", "wires", "voltage", "substation", "copper", "grid"},
     {"model", "NLP", "tokens", "translation", "pretraining", "layers"}}};
constexpr auto others = std::to_array<std::string_view>({"the",   "a",         "old",  "new",  "we",   "they", "looked",
                                                         "at",    "yesterday", "and",  "it",   "was",  "very", "large",
                                                         "quite", "near",      "with", "some", "then", "again"});

}  // namespace

const WordList& word_sense_words() {
  static const WordList list = [] {
    std::vector<std::string_view> all{"transformer"};
    for (const Words& words : {Words(cues[0]), Words(cues[1]), Words(others)})
      all.insert(all.end(), words.begin(), words.end());
    return WordList("word sense", std::move(all));
  }();
  return list;
}

WordSenseBatch make_word_senses(const WordSenseConfig& c, std::int64_t batch, Generator& generator) {
  if (batch < 0 || c.words < 2)
    throw ShapeError(
        fmt::format("word sense: {} sentences of {} words, expected no negative number of sentences, and "
                    "two words or more",
                    batch, c.words));
  const WordList& list = word_sense_words();
  const auto one_of = [&](const Words& words) {
    return list.id(words[to_size(generator.uniform_int(std::ssize(words)))]);
  };
  std::vector<std::int64_t> ids, labels, position, cue;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::size_t begin = ids.size();
    for (std::int64_t i = 0; i < c.words; ++i) ids.push_back(one_of(others));
    const std::vector<std::int64_t> places = permutation(generator, c.words);
    labels.push_back(generator.uniform_int(2));
    position.push_back(places[0]);
    cue.push_back(places[1]);
    ids[begin + to_size(places[0])] = list.id("transformer");
    ids[begin + to_size(places[1])] = one_of(cues[to_size(labels.back())]);
  }
  return {tensor(ids, {batch, c.words}), tensor(labels, {batch}), tensor(position, {batch}), tensor(cue, {batch})};
}

}  // namespace heed::models
