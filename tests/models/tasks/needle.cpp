#include "heed/models/tasks/needle.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

// Right when the class is read off vectors [B, width] as the largest of its directions: nothing does better, because
// the noise is the same in all of them.
double right(const NeedleConfig& config, const Tensor& vectors, const Tensor& labels) {
  const Tensor read = argmax(slice(vectors, 1, 1, 1 + config.classes), -1);
  return mean(to(equal(read, labels), DType::f64)).item();
}

// The vectors at positions [B].
Tensor at(const Tensor& x, const Tensor& positions) {
  return squeeze(gather(x, 1, expand(reshape(positions, {-1, 1, 1}), {x.size(0), 1, x.size(2)})), 1);
}

}  // namespace

TEST_CASE("needle: the marked vector tells the class; a mean over all drowns it, the last knows nothing", "[tasks]") {
  Generator generator(1);
  const NeedleConfig config;
  const NeedleBatch batch = make_needles(config, 4000, generator);
  CHECK(batch.x.shape() == Shape{4000, 20, 16});
  CHECK(batch.labels.shape() == Shape{4000});
  CHECK(batch.positions.shape() == Shape{4000});
  CHECK(right(config, at(batch.x, batch.positions), batch.labels) > 0.99);
  const double pooled = right(config, mean(batch.x, Axes{1}), batch.labels);  // 5/√20 = 1.1 standard deviations
  CHECK(pooled > 0.30);
  CHECK(pooled < 0.50);
  const double last =
      right(config, select(batch.x, 1, 19), batch.labels);  // 1/8, and the needle is there 1 in 20 times
  CHECK(last > 0.13);
  CHECK(last < 0.20);
  std::vector<std::int64_t> marked;
  const Tensor found = argmax(select(batch.x, 2, 0), -1);
  int wrong = 0;
  for (std::int64_t b = 0; b < 4000; ++b)
    wrong += found.data<std::int64_t>()[b] != batch.positions.data<std::int64_t>()[b];
  CHECK(wrong < 80);  // a vector of noise has a larger first element now and then
}

TEST_CASE("needle: a longer sequence drowns a mean deeper", "[tasks]") {
  Generator generator(2);
  const NeedleConfig config{.length = 64};
  const NeedleBatch batch = make_needles(config, 2000, generator);
  CHECK(right(config, mean(batch.x, Axes{1}), batch.labels) < 0.35);
  CHECK(right(config, at(batch.x, batch.positions), batch.labels) > 0.99);
}

TEST_CASE("needle: classes and places are equally likely, the rest is standard normal", "[tasks]") {
  Generator generator(3), again(3);
  const NeedleConfig config{.length = 5, .classes = 3, .width = 4, .dtype = DType::f64};
  const NeedleBatch batch = make_needles(config, 6000, generator);
  CHECK(test::same_bits(batch.x, make_needles(config, 6000, again).x));
  std::vector<int> classes(3), places(5);
  double sum = 0, squares = 0;
  for (std::int64_t b = 0; b < 6000; ++b) {
    const std::int64_t label = batch.labels.data<std::int64_t>()[b], position = batch.positions.data<std::int64_t>()[b];
    ++classes.at(to_size(label));
    ++places.at(to_size(position));
    for (std::int64_t i = 0; i < 20; ++i) {
      const bool needle = i / 4 == position;
      const double noise = batch.x.data<double>()[20 * b + i] - (needle && i % 4 == 0           ? config.marker
                                                                 : needle && i % 4 == 1 + label ? config.payload
                                                                                                : 0);
      sum += noise;
      squares += noise * noise;
    }
  }
  CHECK(*std::ranges::min_element(classes) > 1850);
  CHECK(*std::ranges::min_element(places) > 1080);
  CHECK(std::abs(sum / 120'000) < 0.01);
  CHECK(std::abs(squares / 120'000 - 1) < 0.015);
}

TEST_CASE("needle refuses sizes that are none", "[tasks]") {
  Generator generator(4);
  CHECK(make_needles({}, 0, generator).x.shape() == Shape{0, 20, 16});
  CHECK_THROWS_AS(make_needles({}, -1, generator), ShapeError);
  CHECK_THROWS_AS(make_needles({.length = 0}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_needles({.classes = 0}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_needles({.width = 8}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_needles({.dtype = DType::i64}, 1, generator), DTypeError);
}
