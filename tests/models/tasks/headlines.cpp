#include "heed/models/tasks/headlines.h"

#include <algorithm>
#include <set>
#include <vector>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

TEST_CASE("headlines: the words behind the marks, in order; guesses are right one time of twenty", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 4000, T = 24, M = 4;
  const HeadlineBatch batch = make_headlines({}, B, generator);
  CHECK(batch.articles.shape() == Shape{B, T});
  CHECK(batch.headlines.shape() == Shape{B, M});
  std::vector<int> places(T), words(41);
  int wrong = 0;
  double any = 0, constant = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    const auto* const article = batch.articles.data<std::int64_t>() + b * T;
    std::vector<std::int64_t> behind, at;
    std::multiset<std::int64_t> seen;
    for (std::int64_t t = 0; t < T; ++t) {
      if (article[t] != 0) seen.insert(article[t]);
      if (t == 0 || article[t - 1] != 0) continue;
      behind.push_back(article[t]);
      at.push_back(t);
      ++places.at(to_size(t));
    }
    const auto* const headline = batch.headlines.data<std::int64_t>() + b * M;
    const auto* const position = batch.positions.data<std::int64_t>() + b * M;
    wrong += !std::ranges::equal(behind, std::span(headline, M)) || !std::ranges::equal(at, std::span(position, M));
    wrong += std::set(seen.begin(), seen.end()).size() != 20 || *seen.begin() < 1 || *seen.rbegin() > 40;
    for (std::int64_t i = 0; i < M; ++i) {
      ++words.at(to_size(headline[i]));
      any += headline[i] == *seen.begin();  // the same word of the article every time
      constant += headline[i] == 17;
    }
  }
  CHECK(wrong == 0);
  CHECK(std::abs(any / (B * M) - 1.0 / 20) < 0.006);
  CHECK(std::abs(constant / (B * M) - 1.0 / 40) < 0.005);
  CHECK(places[0] == 0);
  CHECK(*std::min_element(places.begin() + 1, places.end()) > 500);
  CHECK(*std::min_element(words.begin() + 1, words.end()) > 320);
}

TEST_CASE("headlines: one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const Tensor articles = make_headlines({}, 3, a).articles;
  CHECK(test::same_bits(articles, make_headlines({}, 3, b).articles));
  CHECK_FALSE(test::same_bits(articles, make_headlines({}, 3, b).articles));
  CHECK(make_headlines({.length = 2, .marked = 1, .vocabulary = 1}, 1, a).headlines.item<std::int64_t>() == 1);
  CHECK(make_headlines({}, 0, a).articles.shape() == Shape{0, 24});
  CHECK_THROWS_AS(make_headlines({}, -1, a), ShapeError);
  CHECK_THROWS_AS(make_headlines({.marked = 0}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_headlines({.length = 7, .marked = 4}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_headlines({.vocabulary = 19}, 1, a), ShapeError);
}
