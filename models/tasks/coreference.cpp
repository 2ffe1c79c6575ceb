#include "heed/models/tasks/coreference.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

using Words = std::span<const std::string_view>;

constexpr auto nouns = std::to_array<std::string_view>(
    {"cat", "dog", "fox", "mouse", "bird", "horse", "cow", "sheep", "goat", "wolf", "duck", "bear"});
constexpr auto verbs =
    std::to_array<std::string_view>({"chased", "caught", "followed", "attacked", "cornered", "hunted"});
constexpr auto who_acts = std::to_array<std::string_view>({"hungry", "strong", "angry", "greedy", "cruel"});
constexpr auto who_suffers = std::to_array<std::string_view>({"slow", "weak", "careless", "tired", "tasty"});
constexpr auto fillers = std::to_array<std::string_view>(
    {"yesterday", "again", "in", "front", "of", "our", "house", "and", "everybody", "saw", "quite", "well"});

constexpr auto others = std::to_array<std::string_view>({"the", "because", "it", "was"});

std::int64_t one_of(const Words& words, Generator& generator) {
  return coreference_words().id(words[to_size(generator.uniform_int(std::ssize(words)))]);
}

}  // namespace

const WordList& coreference_words() {
  static const WordList list = [] {
    std::vector<std::string_view> all(nouns.begin(), nouns.end());
    for (const Words& words : {Words(verbs), Words(who_acts), Words(who_suffers), Words(fillers), Words(others)})
      all.insert(all.end(), words.begin(), words.end());
    return WordList("coreference", std::move(all));
  }();
  return list;
}

std::int64_t coreference_nouns() { return std::ssize(nouns); }

CoreferenceBatch make_coreferences(const CoreferenceConfig& c, std::int64_t batch, Generator& generator) {
  if (batch < 0 || c.fillers < 0)
    throw ShapeError(
        fmt::format("coreference: {} sentences with {} fillers, expected no negative number", batch, c.fillers));
  const WordList& words = coreference_words();
  std::vector<std::int64_t> ids, labels, antecedent;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::vector<std::int64_t> order = permutation(generator, coreference_nouns());
    const bool second = generator.uniform_int(2) == 1;
    for (const std::int64_t id : {words.id("the"), order[0], one_of(verbs, generator), words.id("the"), order[1]})
      ids.push_back(id);
    for (std::int64_t i = 0; i < c.fillers; ++i) ids.push_back(one_of(fillers, generator));
    for (const std::int64_t id : {words.id("because"), words.id("it"), words.id("was"),
                                  one_of(second ? Words(who_suffers) : Words(who_acts), generator)})
      ids.push_back(id);
    labels.push_back(order[second ? 1 : 0]);
    antecedent.push_back(second ? 4 : 1);
  }
  return {tensor(ids, {batch, 9 + c.fillers}), tensor(labels, {batch}), tensor(antecedent, {batch}), 6 + c.fillers};
}

}  // namespace heed::models
