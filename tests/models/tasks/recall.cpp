#include "heed/models/tasks/recall.h"

#include <algorithm>
#include <set>
#include <vector>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

std::vector<std::int64_t> row(const Tensor& x, std::int64_t b) {
  const auto* const begin = x.data<std::int64_t>() + b * x.size(1);
  return {begin, begin + x.size(1)};
}

double share_of_equal(const Tensor& a, const Tensor& b) { return mean(to(equal(a, b), DType::f64)).item(); }

}  // namespace

TEST_CASE("recall: queries name keys of their row, answers are the values beside them", "[tasks]") {
  Generator generator(1);
  const RecallBatch batch = make_recall({.asked = 4}, 2000, generator);
  CHECK(batch.keys.shape() == Shape{2000, 8});
  CHECK(batch.values.shape() == Shape{2000, 8});
  for (const Tensor& x : {batch.queries, batch.answers, batch.positions}) CHECK(x.shape() == Shape{2000, 4});
  std::vector<int> places(8), keys(32), values(32);
  int wrong = 0;
  for (std::int64_t b = 0; b < 2000; ++b) {
    const auto key = row(batch.keys, b), value = row(batch.values, b), query = row(batch.queries, b),
               answer = row(batch.answers, b), position = row(batch.positions, b);
    wrong += std::set(key.begin(), key.end()).size() != 8 || std::set(value.begin(), value.end()).size() != 8 ||
             std::set(query.begin(), query.end()).size() != 4;
    for (std::size_t i = 0; i < 4; ++i) {
      ++places.at(to_size(position[i]));
      wrong += key.at(to_size(position[i])) != query[i] || value.at(to_size(position[i])) != answer[i];
    }
    for (std::size_t i = 0; i < 8; ++i) {
      ++keys.at(to_size(key[i]));
      ++values.at(to_size(value[i]));
    }
  }
  CHECK(wrong == 0);
  CHECK(*std::ranges::min_element(places) > 880);
  CHECK(*std::ranges::min_element(keys) > 410);
  CHECK(*std::ranges::min_element(values) > 410);
}

TEST_CASE("recall: a bag of the values is right once in 8, a guess once in 32", "[tasks]") {
  Generator generator(2);
  const RecallBatch batch = make_recall({}, 20'000, generator);
  const double bag = share_of_equal(slice(batch.values, 1, 3, 4), batch.answers);  // any place is as good as another
  CHECK(std::abs(bag - 1.0 / 8) < 0.01);
  CHECK(std::abs(share_of_equal(batch.answers, slice(batch.keys, 1, 0, 1)) - 1.0 / 32) < 0.005);  // keys say nothing
}

TEST_CASE("recall: the same seed gives the same", "[tasks]") {
  Generator generator(3), again(3);
  const RecallBatch one = make_recall({.asked = 2}, 20, generator), other = make_recall({.asked = 2}, 20, again);
  CHECK(test::same_bits(one.keys, other.keys));
  CHECK(test::same_bits(one.answers, other.answers));
}

TEST_CASE("recall refuses sizes that are none", "[tasks]") {
  Generator generator(4);
  CHECK(make_recall({}, 0, generator).keys.shape() == Shape{0, 8});
  CHECK(make_recall({.pairs = 4, .asked = 4, .keys = 4, .values = 4}, 1, generator).answers.shape() == Shape{1, 4});
  CHECK_THROWS_AS(make_recall({}, -1, generator), ShapeError);
  CHECK_THROWS_AS(make_recall({.asked = 0}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_recall({.pairs = 3, .asked = 4}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_recall({.pairs = 33}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_recall({.values = 7}, 1, generator), ShapeError);
}
