#include "heed/models/tasks/induction.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

struct Row {
  std::vector<std::int64_t> ids, source;
  std::vector<float> known;
  Row(const InductionBatch& batch, std::int64_t b) {
    const std::int64_t T = batch.ids.size(1);
    const auto* const i = batch.ids.data<std::int64_t>() + b * T;
    const auto* const s = batch.source.data<std::int64_t>() + b * T;
    const float* const k = batch.known.data<float>() + b * T;
    ids = {i, i + T}, source = {s, s + T}, known = {k, k + T};
  }
};

}  // namespace

TEST_CASE("induction: what stood behind the first A stands behind the second", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 1500, n = 8, T = 4 * n;
  const InductionBatch batch = make_inductions({.pairs = n}, B, generator);
  CHECK(batch.ids.shape() == Shape{B, T});
  int wrong = 0;
  double seconds = 0, counted = 0, constant = 0, total = 0;
  std::map<std::int64_t, std::map<std::int64_t, int>> follows;  // what stood behind a token in earlier rows
  std::vector<int> lag(T);
  for (std::int64_t b = 0; b < B; ++b) {
    const Row row(batch, b);
    wrong += std::set(row.ids.begin(), row.ids.begin() + 2 * n).size() != 2 * n;
    for (std::size_t t = 0; t < T; ++t) {
      wrong += (row.known[t] == 1) != (t >= 2 * n && t % 2 == 0) || (row.source[t] == -1) != (row.known[t] == 0);
      if (row.known[t] == 0) continue;
      const std::size_t from = to_size(row.source[t]);
      wrong += from >= 2 * n || row.ids[from] != row.ids[t + 1] || row.ids[from - 1] != row.ids[t];
      ++lag.at(t + 1 - from);
      seconds += row.ids[1] == row.ids[t + 1];  // one of the tokens that came second
      constant += row.ids[t + 1] == 5;
      const auto& seen = follows[row.ids[t]];
      const auto most = std::ranges::max_element(seen, {}, [](const auto& entry) { return entry.second; });
      counted += most != seen.end() && most->first == row.ids[t + 1];
      ++total;
    }
    for (std::size_t t = 0; t < 2 * n; t += 2) ++follows[row.ids[t]][row.ids[t + 1]];
  }
  CHECK(wrong == 0);
  CHECK(std::abs(seconds / total - 1.0 / n) < 0.005);
  CHECK(std::abs(constant / total - 1.0 / 64) < 0.005);
  CHECK(counted / total < 0.03);  // counts of other rows say nothing: one of 63
  CHECK(std::ranges::count_if(lag, [](int count) { return count > 0; }) ==
        2 * n - 1);  // every even distance there can be
}

TEST_CASE("induction: in the same order the distance is always 2n", "[tasks]") {
  Generator generator(2);
  const InductionBatch batch = make_inductions({.pairs = 5, .vocabulary = 10, .shuffled = false}, 20, generator);
  for (std::int64_t b = 0; b < 20; ++b) {
    const Row row(batch, b);
    for (std::size_t t = 0; t < 10; ++t) CHECK(row.ids[t] == row.ids[t + 10]);
    for (std::int64_t t = 10; t < 20; t += 2) CHECK(row.source[to_size(t)] == t + 1 - 10);
  }
}

TEST_CASE("induction: one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const Tensor ids = make_inductions({}, 3, a).ids;
  CHECK(test::same_bits(ids, make_inductions({}, 3, b).ids));
  CHECK_FALSE(test::same_bits(ids, make_inductions({}, 3, b).ids));
  CHECK(make_inductions({}, 0, a).source.shape() == Shape{0, 64});
  CHECK_THROWS_AS(make_inductions({}, -1, a), ShapeError);
  CHECK_THROWS_AS(make_inductions({.pairs = 0}, 1, a), ShapeError);
  CHECK_THROWS_AS(make_inductions({.pairs = 4, .vocabulary = 7}, 1, a), ShapeError);
}
