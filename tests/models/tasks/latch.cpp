#include "heed/models/tasks/latch.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

TEST_CASE("latch: the class stands first and nowhere else", "[tasks]") {
  Generator generator(1);
  const LatchConfig config{.classes = 3, .noise_tokens = 4, .noise_steps = 6};
  const LatchBatch batch = make_latch(config, 6000, generator);
  CHECK(batch.ids.shape() == Shape{6000, 7});
  CHECK(batch.labels.shape() == Shape{6000});
  std::vector<int> classes(3), noise(7);
  int wrong = 0;
  const auto* const ids = batch.ids.data<std::int64_t>();
  const auto* const labels = batch.labels.data<std::int64_t>();
  for (std::int64_t b = 0; b < 6000; ++b) {
    wrong += ids[7 * b] != labels[b];
    ++classes.at(static_cast<std::size_t>(labels[b]));
    for (std::int64_t t = 1; t < 7; ++t) ++noise.at(static_cast<std::size_t>(ids[7 * b + t]));
  }
  CHECK(wrong == 0);
  CHECK(*std::ranges::min_element(classes) > 1800);  // chance is 1/3, for whoever does not look at the first token
  CHECK(std::count(noise.begin(), noise.begin() + 3, 0) == 3);
  CHECK(*std::min_element(noise.begin() + 3, noise.end()) > 8000);
}

TEST_CASE("latch: in a text the class comes back after the noise", "[tasks]") {
  Generator generator(2), again(2);
  const LatchConfig config{.classes = 8, .noise_tokens = 2, .noise_steps = 5};
  const std::vector<std::int64_t> text = make_latch_text(config, 500, generator);
  CHECK(text == make_latch_text(config, 500, again));
  REQUIRE(text.size() == 500 * 7);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_class = i % 7 == 0 || i % 7 == 6;
    REQUIRE((text[i] < 8) == is_class);
    if (i % 7 == 6) REQUIRE(text[i] == text[i - 6]);
  }
}

TEST_CASE("latch refuses sizes that are none", "[tasks]") {
  Generator generator(3);
  CHECK(make_latch({}, 0, generator).ids.shape() == Shape{0, 51});
  CHECK(make_latch_text({}, 0, generator).empty());
  CHECK_THROWS_AS(make_latch({}, -1, generator), ShapeError);
  CHECK_THROWS_AS(make_latch({.classes = 0}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_latch({.noise_tokens = 0}, 1, generator), ShapeError);
  CHECK_THROWS_AS(make_latch_text({.noise_steps = -1}, 1, generator), ShapeError);
}
