// TokenWindows: whole windows, labels one token later, every place of the text as often as any other.
#include "heed/nn/data/token_windows.h"

#include <cmath>

#include "heed/tensor/error.h"
#include "nn/data/counted_tokens.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::counted_tokens;

TEST_CASE("windows are whole, and each label is the next token", "[nn][data]") {
  const nn::TokenWindows windows(counted_tokens(12), 5);
  CHECK(windows.windows() == 7);
  Generator generator(1);
  std::vector<double> begun(7, 0);
  for (int i = 0; i < 700; ++i) {
    const auto batch = windows.draw(4, generator);
    const test::Array inputs = test::to_array(batch.inputs), labels = test::to_array(batch.labels);
    REQUIRE(inputs.shape == Shape{4, 5});
    REQUIRE(labels.shape == inputs.shape);
    for (const test::Index& at : test::indices(inputs.shape)) {
      CHECK(labels[at] == inputs[at] + 1);
      CHECK(inputs[at] == inputs[test::Index{at[0], 0}] + static_cast<double>(at[1]));
    }
    for (std::int64_t b = 0; b < 4; ++b) ++begun.at(static_cast<std::size_t>(inputs[test::Index{b, 0}]));
  }
  for (const double count : begun) CHECK(std::abs(count - 400) < 80);  // the first and the last too; σ is 18.5
}

TEST_CASE("windows are drawn one by one, whatever the batch", "[nn][data]") {
  const nn::TokenWindows windows(counted_tokens(50), 3);
  Generator generator(2), same(2);
  const test::Array together = test::to_array(windows.draw(6, generator).inputs);
  for (std::int64_t b = 0; b < 6; ++b)
    CHECK(test::to_array(windows.draw(1, same).inputs)[test::Index{0, 0}] == together[test::Index{b, 0}]);
}

TEST_CASE("windows: a text of one window, and texts that are too short", "[nn][data]") {
  Generator generator(3);
  CHECK(test::to_array(nn::TokenWindows(counted_tokens(4), 3).draw(2, generator).labels).numbers ==
        std::vector<double>{1, 2, 3, 1, 2, 3});
  CHECK(test::refused<ShapeError>([] { nn::TokenWindows(counted_tokens(3), 3); }) ==
        "TokenWindows: 3 tokens are too few for a window of 3 and the label after it");
  CHECK(test::refused<ShapeError>([] { nn::TokenWindows(counted_tokens(3), 0); }) ==
        "TokenWindows: length 0 must be positive");
  CHECK(test::refused<ShapeError>([&] { (void)nn::TokenWindows(counted_tokens(3), 1).draw(0, generator); }) ==
        "TokenWindows: batch 0 must be positive");
}
