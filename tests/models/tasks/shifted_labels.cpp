#include "heed/models/tasks/shifted_labels.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using models::ShiftedLabels;

TEST_CASE("shifted labels: each is told by the token so many places later", "[tasks]") {
  for (const std::int64_t shift : {0, 2}) {
    Generator generator(1);
    const ShiftedLabels task({.vocabulary = 5, .shift = shift}, generator);
    std::vector<std::int64_t> sorted = task.label_of();
    std::ranges::sort(sorted);
    CHECK(sorted == std::vector<std::int64_t>{0, 1, 2, 3, 4});
    const models::LabelledBatch batch = task.batch(50, 9, generator);
    CHECK(batch.ids.shape() == Shape{50, 9});
    const auto* const ids = batch.ids.data<std::int64_t>();
    const auto* const labels = batch.labels.data<std::int64_t>();
    const auto* const weights = batch.weights.data<float>();
    for (std::int64_t i = 0; i < 450; ++i) {
      const bool told = i % 9 + shift < 9;
      REQUIRE(weights[i] == (told ? 1 : 0));
      REQUIRE(labels[i] == (told ? task.label_of()[static_cast<std::size_t>(ids[i + shift])] : 0));
    }
  }
}

TEST_CASE("shifted labels: what stands before tells nothing", "[tasks]") {
  Generator generator(2);
  const ShiftedLabels task({.vocabulary = 4}, generator);
  const models::LabelledBatch batch = task.batch(2000, 10, generator);
  // Counts of (token j, label j): all alike, so no reader of tokens up to j is right more often than once in four.
  std::vector<int> counts(16);
  const auto* const ids = batch.ids.data<std::int64_t>();
  const auto* const labels = batch.labels.data<std::int64_t>();
  for (std::int64_t i = 0; i < 20'000; ++i)
    if (i % 10 < 8) ++counts.at(static_cast<std::size_t>(4 * ids[i] + labels[i]));
  CHECK(*std::ranges::min_element(counts) > 850);  // of 1000; a standard deviation is 31
  CHECK(*std::ranges::max_element(counts) < 1150);
}

TEST_CASE("shifted labels: shorter than the shift, and sizes that are none", "[tasks]") {
  Generator generator(3);
  const ShiftedLabels task({.vocabulary = 4, .shift = 3}, generator);
  const models::LabelledBatch batch = task.batch(2, 2, generator);
  CHECK(test::to_array(batch.weights).numbers == std::vector<double>(4));
  CHECK(task.batch(0, 5, generator).ids.shape() == Shape{0, 5});
  CHECK_THROWS_AS(task.batch(-1, 5, generator), ShapeError);
  CHECK_THROWS_AS(ShiftedLabels({.vocabulary = 0}, generator), ShapeError);
  CHECK_THROWS_AS(ShiftedLabels({.shift = -1}, generator), ShapeError);
}
