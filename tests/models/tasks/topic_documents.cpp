#include "heed/models/tasks/topic_documents.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

// 1 for a good opinion, -1 for a bad one, 0 for another word.
int opinion(std::int64_t id) { return id >= 1 && id <= 5 ? 1 : id >= 6 && id <= 10 ? -1 : 0; }

}  // namespace

TEST_CASE("topic documents: the topic's sentence has the label, a count of opinions is right two times of three",
          "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 6000, M = 6, T = 8;
  const TopicDocuments batch = make_topic_documents({}, B, generator);
  CHECK(batch.ids.shape() == Shape{B, M, T});
  CHECK(batch.labels.shape() == Shape{B});
  CHECK(batch.sentence.shape() == Shape{B});
  const auto* id = batch.ids.data<std::int64_t>();
  double counting = 0, good = 0;
  std::vector<int> sentences(M), places(T), seen(to_size(topic_vocabulary()));
  int wrong = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    const std::int64_t about = batch.sentence.data<std::int64_t>()[b], label = batch.labels.data<std::int64_t>()[b];
    good += static_cast<double>(label) / B;
    ++sentences.at(to_size(about));
    int votes = 0;
    for (std::int64_t s = 0; s < M; ++s) {
      int topics = 0, opinions = 0, sum = 0;
      for (std::int64_t t = 0; t < T; ++t, ++id) {
        ++seen.at(to_size(*id));
        topics += *id == 0;
        opinions += opinion(*id) != 0;
        sum += opinion(*id);
        if (*id == 0) ++places.at(to_size(t));
      }
      wrong += opinions != 1 || topics != (s == about) || (s == about && (sum == 1) != (label == 1));
      votes += sum;
    }
    counting += votes == 0 ? 0.5 / B : (votes > 0) == (label == 1) ? 1.0 / B : 0;
  }
  CHECK(wrong == 0);
  CHECK(std::abs(good - 0.5) < 0.02);
  CHECK(std::abs(counting - 0.65625) < 0.02);
  CHECK(*std::ranges::min_element(sentences) > 880);
  CHECK(*std::ranges::min_element(places) > 640);
  CHECK(*std::ranges::min_element(seen) > 3300);  // opinions: 3,600 times each
}

TEST_CASE("topic documents: the same seed gives the same, words have texts", "[tasks]") {
  Generator generator(2), again(2);
  CHECK(test::same_bits(make_topic_documents({}, 50, generator).ids, make_topic_documents({}, 50, again).ids));
  CHECK(topic_word(0) == "film");
  CHECK(topic_word(1) == "good");
  CHECK(topic_word(6) == "bad");
  CHECK(topic_word(topic_vocabulary() - 1) == "after");
  CHECK_THROWS_AS(topic_word(-1), IndexError);
  CHECK_THROWS_AS(topic_word(topic_vocabulary()), IndexError);
}

TEST_CASE("topic documents refuse sizes that are none", "[tasks]") {
  Generator generator(3);
  CHECK(make_topic_documents({}, 0, generator).ids.shape() == Shape{0, 6, 8});
  CHECK(make_topic_documents({.sentences = 1, .words = 2}, 3, generator).ids.shape() == Shape{3, 1, 2});
  CHECK_THROWS_AS(make_topic_documents({}, -1, generator), ShapeError);
  CHECK_THROWS_AS(make_topic_documents({.sentences = 0}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_topic_documents({.words = 1}, 1, generator), ShapeError);
}
