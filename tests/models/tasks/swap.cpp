#include "heed/models/tasks/swap.h"

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using models::make_swap, models::SequencePair;

TEST_CASE("swap: neighbours change places, zero is written twice", "[tasks]") {
  Generator generator(1);
  double doubled = 0;
  int wrong = 0;
  for (const std::int64_t length : {16, 17}) {
    for (int i = 0; i < 1000; ++i) {
      const SequencePair pair = make_swap({.length = length}, generator);
      std::vector<std::int64_t> swapped = pair.source, single;
      for (std::size_t k = 1; k < swapped.size(); k += 2) std::swap(swapped[k - 1], swapped[k]);
      std::int64_t zeros = 0;
      for (std::size_t t = 0; t < pair.target.size(); ++t) {
        single.push_back(pair.target[t]);
        wrong += pair.alignment[t].size() != 1 || pair.source.at(to_size(pair.alignment[t].at(0))) != pair.target[t];
        const std::int64_t off = pair.alignment[t].at(0) - static_cast<std::int64_t>(t);
        wrong += off > 1 || -off > 1 + zeros;
        if (pair.target[t] != 0) continue;
        wrong += t + 1 >= pair.target.size() || pair.target[t + 1] != 0 || pair.alignment[t + 1] != pair.alignment[t];
        ++t;
        ++zeros;
      }
      wrong += single != swapped || std::ssize(pair.source) != length;
      doubled += static_cast<double>(zeros) / (1000.0 * static_cast<double>(length));
    }
  }
  CHECK(wrong == 0);
  CHECK(std::abs(doubled / 2 - 1.0 / 20) < 0.005);
}

TEST_CASE("swap: writing the source as it stands is right by chance, half of what is wanted stands ahead", "[tasks]") {
  Generator generator(2);
  double right = 0, ahead = 0, total = 0, first = 0, before = 0;  // before: up to the first zero
  for (int i = 0; i < 3000; ++i) {
    const SequencePair pair = make_swap({.length = 20}, generator);
    bool doubled = false;
    std::size_t read = 0;  // what a reader that writes token after token, and zero twice, has come to
    for (std::size_t t = 0; t < pair.target.size(); ++t, ++total) {
      read = std::min(t, pair.source.size() - 1);
      right += pair.source[read] == pair.target[t];
      doubled = doubled || pair.target[t] == 0;
      if (!doubled) first += pair.source[read] == pair.target[t], ++before;
      ahead += pair.alignment[t][0] > static_cast<std::int64_t>(read);
    }
  }
  CHECK(std::abs(right / total - 0.19) < 0.02);
  CHECK(std::abs(first / before - 1.0 / 20) < 0.01);
  CHECK(ahead / total > 0.25);
  CHECK(ahead / total < 0.5);
}

TEST_CASE("swap: one seed, one text; what is refused", "[tasks]") {
  Generator a(3), b(3), c(4);
  const SequencePair first = make_swap({}, a);
  CHECK(first.source == make_swap({}, b).source);
  CHECK(first.source != make_swap({}, c).source);
  CHECK(make_swap({.length = 0}, a).target.empty());
  CHECK(make_swap({.vocabulary = 1, .length = 1}, a).target == std::vector<std::int64_t>{0, 0});
  CHECK_THROWS_AS(make_swap({.vocabulary = 0}, a), ShapeError);
  CHECK_THROWS_AS(make_swap({.length = -1}, a), ShapeError);
}
