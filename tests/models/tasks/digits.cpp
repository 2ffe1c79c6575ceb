#include "heed/models/tasks/digits.h"

#include <algorithm>
#include <vector>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using models::draw_digits;

TEST_CASE("digits: gray images, each digit as often, the same for the same generator", "[tasks]") {
  Generator generator(1), again(1);
  const models::DigitBatch batch = draw_digits(2000, generator), half = draw_digits(1000, again);
  CHECK(batch.images.shape() == Shape{2000, 28, 28});
  CHECK(batch.labels.shape() == Shape{2000});
  CHECK(-max(-batch.images).item() == 0);
  CHECK(max(batch.images).item() == 1);
  std::vector<int> counts(10);
  for (std::int64_t i = 0; i < 2000; ++i) ++counts.at(static_cast<std::size_t>(batch.labels.data<std::int64_t>()[i]));
  CHECK(*std::ranges::min_element(counts) > 150);
  CHECK(test::to_array(slice(batch.images, 0, 0, 1000)).numbers == test::to_array(half.images).numbers);
  CHECK(draw_digits(0, generator).images.shape() == Shape{0, 28, 28});
  CHECK(test::refused<ShapeError>([&] { draw_digits(-1, generator); }) == "draw_digits: a batch of -1");
}

TEST_CASE("digits: the nearest mean image tells most of them, so none is a blank or another", "[tasks]") {
  Generator generator(2);
  const models::DigitBatch train = draw_digits(1000, generator), fresh = draw_digits(500, generator);
  const std::size_t pixels = 28 * 28;
  std::vector<std::vector<double>> means(10, std::vector<double>(pixels));
  std::vector<double> counts(10);
  const auto* const label = train.labels.data<std::int64_t>();
  for (std::size_t i = 0; i < 1000; ++i) {
    const auto digit = static_cast<std::size_t>(label[i]);
    ++counts[digit];
    for (std::size_t p = 0; p < pixels; ++p) means[digit][p] += train.images.data<float>()[i * pixels + p];
  }
  int right = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    std::vector<double> distances(10);
    for (std::size_t digit = 0; digit < 10; ++digit)
      for (std::size_t p = 0; p < pixels; ++p) {
        const double difference = means[digit][p] / counts[digit] - fresh.images.data<float>()[i * pixels + p];
        distances[digit] += difference * difference;
      }
    right += std::ranges::min_element(distances) - distances.begin() == fresh.labels.data<std::int64_t>()[i];
  }
  CHECK(right > 350);  // of 500; 421 with this seed, chance is 50
  CHECK(right < 490);  // a model has something to learn
}
