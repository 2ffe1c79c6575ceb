#include "heed/models/tasks/copy.h"

#include <algorithm>
#include <map>

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using models::make_copy, models::SequencePair;

TEST_CASE("copy: as it stands or from the last to the first, and linked so", "[tasks]") {
  for (const bool reversed : {false, true}) {
    Generator generator(1);
    std::vector<int> lengths(13), tokens(20);
    int wrong = 0;
    for (int i = 0; i < 4500; ++i) {
      const SequencePair pair = make_copy({.reversed = reversed}, generator);
      ++lengths.at(pair.source.size());
      std::vector<std::int64_t> expected = pair.source;
      if (reversed) std::ranges::reverse(expected);
      wrong += pair.target != expected || pair.alignment.size() != expected.size();
      for (std::size_t t = 0; t < pair.alignment.size(); ++t)
        wrong += pair.alignment[t].size() != 1 ||
                 pair.alignment[t][0] != static_cast<std::int64_t>(reversed ? pair.source.size() - 1 - t : t);
      for (const std::int64_t token : pair.source) ++tokens.at(to_size(token));
    }
    CHECK(wrong == 0);
    CHECK(std::ranges::count(lengths, 0) == 4);  // 0 to 3
    CHECK(*std::min_element(lengths.begin() + 4, lengths.end()) > 420);
    CHECK(*std::ranges::min_element(tokens) > 1600);
  }
}

TEST_CASE("copy: a constant is right once in V, a bag of the tokens little more than once in L", "[tasks]") {
  Generator generator(2);
  double constant = 0, bag = 0, total = 0;
  for (int i = 0; i < 2000; ++i) {
    const SequencePair pair = make_copy({.shortest = 10, .longest = 10, .reversed = true}, generator);
    std::map<std::int64_t, int> counts;
    for (const std::int64_t token : pair.source) ++counts[token];
    int most = 0;
    for (const auto& [token, count] : counts) most = std::max(most, count);
    for (const std::int64_t token : pair.target) constant += token == 7;
    bag += most;  // the same answer, the likeliest, at every place
    total += 10;
  }
  CHECK(std::abs(constant / total - 1.0 / 20) < 0.006);
  CHECK(bag / total > 0.19);
  CHECK(bag / total < 0.24);
}

TEST_CASE("copy: one seed, one text; lengths of none and of one; what is refused", "[tasks]") {
  Generator a(3), b(3), c(4);
  const SequencePair first = make_copy({}, a);
  CHECK(first.source == make_copy({}, b).source);
  CHECK(first.source != make_copy({}, c).source);
  CHECK(make_copy({.shortest = 0, .longest = 0}, a).target.empty());
  CHECK(make_copy({.vocabulary = 1, .shortest = 1, .longest = 1}, a).target == std::vector<std::int64_t>{0});
  CHECK_THROWS_AS(make_copy({.vocabulary = 0}, a), ShapeError);
  CHECK_THROWS_AS(make_copy({.shortest = -1}, a), ShapeError);
  CHECK_THROWS_AS(make_copy({.shortest = 5, .longest = 4}, a), ShapeError);
}
