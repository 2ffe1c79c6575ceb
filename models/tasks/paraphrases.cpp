#include "heed/models/tasks/paraphrases.h"

#include <fmt/format.h>

#include <array>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

// Meaning m is the words 2m and 2m + 1; meanings by kind: nouns, verbs, adverbs, and last "the".
constexpr std::array<std::string_view, 33> words{
    "doctor",  "physician", "boy",      "lad",    "thief",    "robber",     "girl",     "lass",   "sailor",
    "seaman",  "lawyer",    "attorney", "saw",    "noticed",  "hated",      "detested", "helped", "aided",
    "called",  "phoned",    "hit",      "struck", "often",    "frequently", "rarely",   "seldom", "quickly",
    "rapidly", "quietly",   "silently", "today",  "nowadays", "the"};
constexpr std::int64_t nouns = 6, verbs = 5, adverbs = 5, the = 32;

struct Kind {
  std::int64_t first, count;  // meanings
};
constexpr std::array<Kind, 3> kinds{{{0, nouns}, {nouns, verbs}, {nouns + verbs, adverbs}}};

struct Sentence {
  std::array<std::int64_t, 2> noun;
  std::int64_t verb, adverb;  // meanings
};

Sentence draw(Generator& generator) {
  const std::vector<std::int64_t> two = permutation(generator, nouns);
  return {{two[0], two[1]}, nouns + generator.uniform_int(verbs), nouns + verbs + generator.uniform_int(adverbs)};
}

// Another meaning of the kind, which the sentence does not have.
std::int64_t other(const Kind& kind, const Sentence& s, Generator& generator) {
  for (;;) {
    const std::int64_t meaning = kind.first + generator.uniform_int(kind.count);
    if (meaning != s.noun[0] && meaning != s.noun[1] && meaning != s.verb && meaning != s.adverb) return meaning;
  }
}

Sentence changed(Sentence s, Generator& generator) {
  if (generator.uniform_int(2) == 0) return {{s.noun[1], s.noun[0]}, s.verb, s.adverb};
  const std::int64_t place = generator.uniform_int(4);
  std::int64_t& meaning = place < 2 ? s.noun[to_size(place)] : place == 2 ? s.verb : s.adverb;
  meaning = other(kinds[place < 2 ? 0 : to_size(place - 1)], s, generator);
  return s;
}

// Appends the six words; whether the adverb stands in front.
bool write(const Sentence& s, std::vector<std::int64_t>& ids, Generator& generator) {
  const auto word = [&](std::int64_t meaning) { return 2 * meaning + generator.uniform_int(2); };
  const bool in_front = generator.uniform_int(2) == 1;
  if (in_front) ids.push_back(word(s.adverb));
  ids.push_back(the);
  ids.push_back(word(s.noun[0]));
  ids.push_back(word(s.verb));
  ids.push_back(the);
  ids.push_back(word(s.noun[1]));
  if (!in_front) ids.push_back(word(s.adverb));
  return in_front;
}

}  // namespace

const WordList& paraphrase_words() {
  static const WordList list("paraphrases", {words.begin(), words.end()});
  return list;
}

std::int64_t paraphrase_meaning(std::int64_t id) {
  if (id < 0 || id >= std::ssize(words))
    throw IndexError(fmt::format("paraphrases: word {} is outside 0 to {}", id, std::ssize(words) - 1));
  return id / 2;
}

ParaphraseBatch make_paraphrases(std::int64_t batch, Generator& generator) {
  if (batch < 0) throw ShapeError(fmt::format("paraphrases: a batch of {}", batch));
  std::vector<std::int64_t> first, second, labels, positions;
  for (std::int64_t b = 0; b < batch; ++b) {
    const Sentence sentence = draw(generator);
    labels.push_back(generator.uniform_int(2));
    const bool front = write(sentence, first, generator);
    const bool front_again = write(labels.back() == 1 ? sentence : changed(sentence, generator), second, generator);
    for (std::int64_t i = 0; i < 6; ++i) {
      const std::int64_t place = front_again ? (i + 5) % 6 : i;  // the adverb's is 5
      positions.push_back(front ? (place + 1) % 6 : place);
    }
  }
  return {tensor(first, {batch, 6}), tensor(second, {batch, 6}), tensor(labels, {batch}),
          tensor(positions, {batch, 6})};
}

}  // namespace heed::models
