#include "heed/models/tasks/paraphrases.h"

#include <algorithm>
#include <array>
#include <vector>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

using Row = std::array<std::int64_t, 6>;

Row row(const Tensor& x, std::int64_t b) {
  Row result{};
  std::copy_n(x.data<std::int64_t>() + 6 * b, 6, result.begin());
  return result;
}

Row meanings(const Row& ids) {
  Row result{};
  std::ranges::transform(ids, result.begin(), paraphrase_meaning);
  return result;
}

}  // namespace

TEST_CASE("paraphrases: same meaning word for word, or one change; bags are right three times of four", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 8000;
  const ParaphraseBatch batch = make_paraphrases(B, generator);
  const std::int64_t the = paraphrase_words().id("the");
  int wrong = 0, same = 0, exchanged = 0, replaced = 0;
  double bags = 0, words = 0, alone = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    const Row first = row(batch.first, b), second = row(batch.second, b), position = row(batch.positions, b);
    const std::int64_t label = batch.labels.data<std::int64_t>()[b];
    same += label == 1;
    Row one = meanings(first), two = meanings(second), counterpart{};
    for (std::size_t i = 0; i < 6; ++i) counterpart[i] = one.at(to_size(position[i]));
    int differ = 0;
    for (std::size_t i = 0; i < 6; ++i) differ += counterpart[i] != two[i];
    for (const Row& ids : {first, second}) wrong += std::ranges::count(ids, the) != 2;
    alone += (first[0] < 6) == (label == 1);
    // Do the words, or their meanings, without their order say the same?
    Row bag = first, other = second;
    std::ranges::sort(bag);
    std::ranges::sort(other);
    words += (bag == other) == (label == 1);
    std::ranges::sort(one);
    std::ranges::sort(two);
    bags += (one == two) == (label == 1);
    wrong += label == 1 ? differ != 0 : !(differ == 1 && one != two) && !(differ == 2 && one == two);
    exchanged += differ == 2;
    replaced += differ == 1;
  }
  CHECK(wrong == 0);
  CHECK(std::abs(same - B / 2) < 270);
  CHECK(std::abs(exchanged - B / 4) < 230);
  CHECK(std::abs(replaced - B / 4) < 230);
  CHECK(std::abs(alone / B - 0.5) < 0.03);
  CHECK(std::abs(bags / B - 0.75) < 0.02);
  CHECK(words / B < 0.56);  // the same words in one of 16 paraphrases, and of exchanged ones
}

TEST_CASE("paraphrases: adverbs in front and behind, synonyms of one meaning, one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const ParaphraseBatch batch = make_paraphrases(200, a);
  CHECK(test::same_bits(batch.first, make_paraphrases(200, b).first));
  CHECK_FALSE(test::same_bits(batch.first, make_paraphrases(200, b).first));
  const std::int64_t the = paraphrase_words().id("the");
  std::vector<int> kinds(4);
  for (std::int64_t i = 0; i < 200; ++i)
    ++kinds[(row(batch.first, i)[0] == the ? 0U : 2U) + (row(batch.second, i)[0] == the ? 0U : 1U)];
  CHECK(*std::ranges::min_element(kinds) > 25);
  CHECK(paraphrase_meaning(paraphrase_words().id("doctor")) == paraphrase_meaning(paraphrase_words().id("physician")));
  CHECK(paraphrase_meaning(paraphrase_words().id("doctor")) != paraphrase_meaning(paraphrase_words().id("boy")));
  CHECK_THROWS_AS(paraphrase_meaning(33), IndexError);
  CHECK_THROWS_AS(paraphrase_meaning(-1), IndexError);
  CHECK(make_paraphrases(0, a).first.shape() == Shape{0, 6});
  CHECK_THROWS_AS(make_paraphrases(-1, a), ShapeError);
}
