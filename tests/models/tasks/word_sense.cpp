#include "heed/models/tasks/word_sense.h"

#include <algorithm>
#include <map>
#include <set>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

TEST_CASE("word sense: one word tells, all others do not", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 6000, T = 16;
  const WordSenseBatch batch = make_word_senses({}, B, generator);
  const std::set<std::string_view> electric{"pole", "wires", "voltage", "substation", "copper", "grid"},
      language{"model", "NLP", "tokens", "translation", "pretraining", "layers"};
  std::vector<int> positions(T), cues(T);
  std::map<std::int64_t, std::map<std::int64_t, int>> labels_of;  // by word
  int wrong = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    const std::int64_t position = batch.position.data<std::int64_t>()[b], cue = batch.cue.data<std::int64_t>()[b],
                       label = batch.labels.data<std::int64_t>()[b];
    ++positions.at(to_size(position));
    ++cues.at(to_size(cue));
    int telling = 0;
    for (std::int64_t t = 0; t < T; ++t) {
      const std::int64_t id = batch.ids.data<std::int64_t>()[b * T + t];
      const std::string_view word = word_sense_words().word(id);
      wrong += (word == "transformer") != (t == position);
      telling += electric.contains(word) || language.contains(word);
      if (t == cue)
        wrong += !(label == 0 ? electric : language).contains(word);
      else
        ++labels_of[id][label];
    }
    wrong += telling != 1;
  }
  CHECK(wrong == 0);
  CHECK(*std::ranges::min_element(positions) > 290);
  CHECK(*std::ranges::min_element(cues) > 290);
  CHECK(labels_of.size() == 21);
  for (auto& [word, count] : labels_of) {  // the best answer that one of these words allows
    INFO(word_sense_words().word(word));
    CHECK(static_cast<double>(std::max(count[0], count[1])) / (count[0] + count[1]) < 0.53);
  }
}

TEST_CASE("word sense: one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const Tensor ids = make_word_senses({.words = 2}, 5, a).ids;
  CHECK(ids.shape() == Shape{5, 2});
  CHECK(test::same_bits(ids, make_word_senses({.words = 2}, 5, b).ids));
  CHECK_FALSE(test::same_bits(ids, make_word_senses({.words = 2}, 5, b).ids));
  CHECK_THROWS_AS(make_word_senses({}, -1, a), ShapeError);
  CHECK_THROWS_AS(make_word_senses({.words = 1}, 1, a), ShapeError);
}
